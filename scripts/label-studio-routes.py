"""Prints the addresses of the Label Studio that is installed in this Python: path, methods, view, one JSON object.

    <venv>/bin/python scripts/label-studio-routes.py > routes.json
    <venv>/bin/python scripts/label-studio-routes.py --against test/fixtures/labelstudio/routes.json

With --against it prints what was added and removed since that list, a line each, and ends with 1 where
anything was: an upgrade of Label Studio is a difference to read. Addresses without a row stay shut.
"""

import argparse
import json
import os
import re
import sys
import tempfile


def load_django():
    import label_studio

    root = os.path.dirname(label_studio.__file__)
    sys.path.insert(0, root)
    os.environ.setdefault("LABEL_STUDIO_BASE_DATA_DIR", tempfile.mkdtemp(prefix="label-studio-routes-"))
    os.environ.setdefault("SECRET_KEY", "only for printing addresses")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.label_studio")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    import django

    django.setup()
    return label_studio.__version__


def plain(pattern):
    """Django's pattern as a readable path: groups become <name>."""
    text = pattern.replace("\\.", ".").replace("\\/", "/").replace("/?", "/")
    text = re.sub(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", r"<\1>", text)
    text = re.sub(r"<\w+:(\w+)>", r"<\1>", text)
    return text.replace("^", "").replace("$", "").replace("\\Z", "")


def methods_of(view):
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if cls is None:
        return ["ANY"]
    answered = [name for name in ("get", "post", "put", "patch", "delete") if name in cls.http_method_names]
    actions = getattr(view, "actions", None) or {name: name for name in answered if hasattr(cls, name)}
    return sorted(name.upper() for name in actions if name in answered)


def name_of(view):
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    target = cls or view
    return f"{target.__module__}.{target.__qualname__}" if hasattr(target, "__qualname__") else repr(target)


def walk(patterns, prefix):
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from walk(entry.url_patterns, path)
        else:
            yield {
                "path": "/" + plain(path),
                "django_pattern": path,
                "methods": methods_of(entry.callback),
                "view": name_of(entry.callback),
            }


def key(route):
    return f"{','.join(route['methods'])} {route['path']}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--against", metavar="FILE", help="a list printed before")
    given = arguments.parse_args()
    version = load_django()
    from django.urls import get_resolver

    routes = list(walk(get_resolver().url_patterns, ""))
    if given.against is None:
        json.dump({"version": f"label-studio {version}", "count": len(routes), "routes": routes}, sys.stdout, indent=1)
        print()
        return 0
    with open(given.against, encoding="utf8") as file:
        before = {key(route) for route in json.load(file)["routes"]}
    now = {key(route) for route in routes}
    for line in sorted(now - before):
        print(f"+ {line}")
    for line in sorted(before - now):
        print(f"- {line}")
    return 1 if now != before else 0


if __name__ == "__main__":
    sys.exit(main())
