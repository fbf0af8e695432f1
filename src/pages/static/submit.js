/* Sends the one form of the page that asks for it (data-submit); without scripts a button does. */
document.querySelector("form[data-submit]")?.submit();
