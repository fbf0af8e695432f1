"""Prints the operations of the label_studio_sdk that is installed in this Python: name, method, path, a line each.

    <venv>/bin/python scripts/label-studio-sdk-operations.py > operations.txt
    <venv>/bin/python scripts/label-studio-sdk-operations.py --against test/fixtures/labelstudio/sdk-operations.txt

The SDK is generated from Label Studio Enterprise's API: each method of a raw client sends one request,
whose method and path stand as literals in its source, which is parsed and never run. With --against it
prints what was added and removed since that list, a line each, and ends with 1 where anything was: a new
SDK is a difference to read, and test/gateway/sdk-operations.test.ts says what becomes of each operation.
"""

import argparse
import ast
import importlib.metadata
import importlib.util
import pathlib
import sys


def root():
    found = importlib.util.find_spec("label_studio_sdk")
    if found is None or found.origin is None:
        sys.exit("label_studio_sdk is not installed in this Python.")
    return pathlib.Path(found.origin).parent


def path_of(node):
    """The literal path; what is put into it becomes <name>."""
    if isinstance(node, ast.Constant):
        return "/" + node.value
    if isinstance(node, ast.JoinedStr):
        return "/" + "".join(
            part.value if isinstance(part, ast.Constant) else f"<{name_in(part)}>" for part in node.values
        )
    raise ValueError(f"a path that cannot be read: {ast.unparse(node)}")


def name_in(part):
    names = [node.id for node in ast.walk(part) if isinstance(node, ast.Name)]
    return next(name for name in names if name not in ("encode_path_param", "jsonable_encoder"))


def requests_in(function):
    """The calls of the HTTP client: `request` for one answer, `stream` for files."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("request", "stream") and ast.unparse(node.func.value).endswith("httpx_client"):
                yield node


def line(client, function, call):
    method = next(keyword.value.value for keyword in call.keywords if keyword.arg == "method")
    return " ".join([".".join([*client, function.name]), method, path_of(call.args[0])])


def operations(folder):
    for file in sorted(folder.rglob("raw_client.py")):
        client = file.parent.relative_to(folder).parts
        for kind in ast.parse(file.read_text(encoding="utf8")).body:
            # The asynchronous twin sends the same.
            if not isinstance(kind, ast.ClassDef) or kind.name.startswith("Async"):
                continue
            for function in kind.body:
                if isinstance(function, ast.FunctionDef):
                    for call in requests_in(function):
                        yield line(client, function, call)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--against", metavar="FILE", help="a list printed before")
    given = arguments.parse_args()
    now = set(operations(root()))
    if given.against is None:
        print(f"# label_studio_sdk {importlib.metadata.version('label_studio_sdk')}")
        print("\n".join(sorted(now)))
        return 0
    with open(given.against, encoding="utf8") as file:
        before = {text.strip() for text in file if not text.startswith("#")}
    for text in sorted(now - before):
        print(f"+ {text}")
    for text in sorted(before - now):
        print(f"- {text}")
    return 1 if now != before else 0


if __name__ == "__main__":
    sys.exit(main())
