"""The shape of the tree: who may import whom, how long a file may be, and what its name must not be."""

import ast
from functools import wraps
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAIRCASE = ("protocol", "accounts", "apikeys", "wearables", "openwearables")  # each imports from itself and its left
SURFACES = ("api", "portal", "admin", "management")
URL_MAPS = ("openwearables.urls", "openwearables.api_urls", "openwearables.portal_urls")
LONGEST = 250  # lines of a module
MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "services", "service", "misc", "view_helpers", "signals"}


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    name_of(path): path
    for app in STAIRCASE
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def every_module(check):
    """A test that holds every module to `check` and names those that fail: to report 2,000 took longer than to look."""

    @wraps(check, assigned=("__name__", "__doc__", "__module__", "__qualname__"), updated=())
    def test():
        failed = {}
        for module in MODULES:
            try:
                check(module)
            except AssertionError as error:
                failed[module] = str(error)
        assert failed == {}

    del test.__wrapped__  # or pytest would ask `check` for its arguments
    return test


def imports_of(tree):
    """(importing statement, name of what is imported) of a module, but for those under `if TYPE_CHECKING`."""
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def ours(module):
    """What of our own a module imports."""
    return [name for _, name in imports_of(TREES[module]) if name.partition(".")[0] in STAIRCASE]


def test_the_staircase_names_every_app_of_the_tree():
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert found == set(STAIRCASE)


@every_module
def test_a_module_imports_from_its_own_step_or_lower(module):
    step = STAIRCASE.index(module.partition(".")[0])
    assert [name for name in ours(module) if STAIRCASE.index(name.partition(".")[0]) > step] == []


def surface_of(name):
    """The surface a dotted name lies in (`accounts.admin`), or None."""
    app, _, rest = name.partition(".")
    room = rest.partition(".")[0]
    return f"{app}.{room}" if room in SURFACES else None


@every_module
def test_only_the_url_maps_import_surfaces(module):
    if module in URL_MAPS:
        return
    own = surface_of(module)
    assert [name for name in ours(module) if surface_of(name) not in (None, own)] == []


@every_module
def test_a_module_is_at_most_250_lines_long(module):
    assert len(MODULES[module].read_text().splitlines()) <= LONGEST


@every_module
def test_a_name_tells_which_and_not_what_kind(module):
    assert MEANINGLESS.isdisjoint(module.split("."))


@every_module
def test_imports_are_absolute(module):
    assert [node.lineno for node in ast.walk(TREES[module]) if isinstance(node, ast.ImportFrom) and node.level] == []


@every_module
def test_imports_stand_at_the_top(module):
    """An import inside a function means that a thing stands on the wrong step; Django's `ready` alone must."""
    functions = [
        node
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not (module.endswith(".apps") and node.name == "ready")
    ]
    inside = {
        inner.lineno
        for function in functions
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
    assert inside == set()


def public_things(node, prefix=""):
    """(dotted name, node) of every public class and function; what is nested in a function is private."""
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if child.name.startswith("_") or child.name == "Meta":
                continue
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                yield from public_things(child, f"{prefix}{child.name}.")


@every_module
def test_everything_public_says_what_it_is(module):
    tree = TREES[module]
    silent = [name for name, node in public_things(tree) if not ast.get_docstring(node)]
    if tree.body and not ast.get_docstring(tree):
        silent.append("the module itself")
    assert silent == []


def test_the_text_of_a_key_knows_no_framework():
    assert {name.partition(".")[0] for _, name in imports_of(TREES["apikeys.keys"])}.isdisjoint(
        {"django", "rest_framework", *STAIRCASE}
    )
