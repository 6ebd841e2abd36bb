"""Holds the tree to its rules: layers, banned words, sizes, dead files.

usage: tidy.py [ROOT]. Prints `path:line: rule: what is wrong` and fails if anything was printed;
lines that begin with `warning:` do not count. tidy_test.py breaks every rule once.
"""

import os
import re
import sys
from pathlib import PurePosixPath

# What each engine layer may include beside itself, the C library and the vocabulary of include/.
LAYERS = {
    "base": set(),
    "platform": {"base"},
    "actor": {"base", "platform"},
    "sched": {"base", "platform", "actor"},
    "timer": {"base", "platform", "actor"},
    "event": {"base", "platform", "actor"},
    "registry": {"base", "platform", "actor"},
    "supervise": {"base", "platform", "actor"},
    "runtime": {"base", "platform", "actor", "sched", "timer", "event", "registry",
                "supervise"},
}

# Parts of the standard library that need libstdc++ at run time.
RUN_TIME_HEADERS = set(
    "any barrier chrono condition_variable deque exception format forward_list fstream functional "
    "future iomanip iostream istream latch list locale map memory memory_resource mutex ostream "
    "queue random regex semaphore set shared_mutex sstream stack stdexcept stop_token string "
    "string_view system_error thread unordered_map unordered_set vector".split()
)

# (rule, folders, pattern, message); code is matched without its comments and texts.
WORDS = [
    ("uv", ("src", "c", "include", "cpp", "bindings"), r"\buv_\w+", "libuv belongs to src/platform"),
    ("atomic", ("src", "c"), r"\batomic_(wait|notify)|(\.|->)notify_(one|all)\(",
     "waiting on an atomic needs libstdc++"),
    ("thread_local", ("src", "c", "cpp"), r"\bthread_local\b",
     "the one per-thread word is platform's"),
    ("new", ("src", "c"), r"\bnew\b(?!\s*\()|\bnothrow\b|(?<!= )\bdelete\b",
     "memory comes from the runtime's allocator; only placement new"),
    ("exceptions", ("src", "c"), r"\b(throw|try|catch|dynamic_cast|typeid)\b",
     "the engine has neither exceptions nor RTTI"),
    ("stdout", ("src", "c", "include", "cpp"),
     r"(?<![\w.])(printf|vprintf|puts|putchar)\s*\(|\bstdout\b|\bcout\b",
     "standard output is the program's"),
    ("sleep", ("tests/src", "tests/c", "tests/cpp"),
     r"(?<!spawned::)(?<!\.)\b(sleep|usleep|nanosleep|thrd_sleep|uv_sleep|sleep_for|sleep_until)\s*\(",
     "order is chosen, not waited for"),
    ("clock", ("tests/src", "tests/c", "tests/cpp"),
     r"\b(clock_gettime|gettimeofday|uv_hrtime|steady_clock|system_clock)\b|\btime\s*\(\s*(NULL|0)",
     "tests run on the virtual clock"),
]

# Where the public headers name a loop of libuv, without <uv.h>.
UV = {"include/spawned/uv.h", "cpp/spawned/uv.hpp"}

# The part of the C++ layer that needs a library of its own: its user asks for it.
JSON = {"cpp/spawned/json.hpp", "cpp/spawned/detail/json_value.hpp"}

CODE = {".c", ".h", ".cpp", ".hpp"}
TEXT = CODE | {".py", ".sh", ".cmake", ".in", ".map", ".md", ".txt", ".json", ""}

# Sources that the build finds by name, as tests/*/CMakeLists.txt and cmake/library.cmake do.
BUILT = re.compile(
    r"src/[^/]+/[^/]+\.cpp|c/[^/]+\.cpp|examples/([^/]+/)?[^/]+\.(c|cpp)|tests/src/.+_test\.cpp|"
    r"tests/c/[^/]+_test\.c|tests/support/[^/]+\.c|tests/(stress|fuzz|faults)/[^/]+\.(c|cpp)|"
    r"tests/(bench|model)/[^/]+\.cpp|tests/headers/.+|bindings/.+|tests/(cpp|compile_fail)/.+"
)
# Files that tools or people find by their names.
KNOWN = re.compile(
    r"(.*/)?(README\.md|CMakeLists\.txt|\.[^/]+)|LICENSE|run|Doxyfile|CMakePresets\.json|"
    r"[A-Z]+\.md|\.ci/.+|.*\.expected"
)


def ceiling(path):
    """The most lines that a file may have, or None."""
    if path == "run":
        return 150
    if PurePosixPath(path).suffix not in CODE | {".py", ".sh", ".cmake"}:
        return None
    if path.startswith("include/") or (path.startswith("cpp/") and path.endswith(".hpp")):
        return 300
    return 500


def under(path, folders):
    return any(path.startswith(folder + "/") for folder in folders)


def bare_code(text):
    """The text with comments, string literals and includes blanked out, line by line."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|#[ \t]*include[^\n]*'
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def includes(text):
    """Yields (line number, '<' or '"', name)."""
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', text, re.M):
        yield text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)


class Tree:
    def __init__(self, root):
        self.files = {}
        for folder, names, files in os.walk(root):
            names[:] = sorted(n for n in names if not n.startswith(("build", ".git", "__pycache__")))
            for name in sorted(files):
                full = os.path.join(folder, name)
                path = os.path.relpath(full, root).replace(os.sep, "/")
                if PurePosixPath(path).suffix in TEXT and not os.path.islink(full):
                    with open(full, encoding="utf-8", errors="replace") as file:
                        self.files[path] = file.read()
        self.problems = []
        self.warnings = []

    def report(self, path, line, rule, message):
        self.problems.append((path, line, rule, message))

    def code(self):
        return ((p, t) for p, t in self.files.items() if PurePosixPath(p).suffix in CODE)

    def resolve(self, path, name):
        """The file of the tree that an include names, or None for one from outside."""
        folder = str(PurePosixPath(path).parent)
        for base in (folder, "include", "src", ".", "tests", "cpp"):
            candidate = os.path.normpath(os.path.join(base, name)).replace(os.sep, "/")
            if candidate in self.files:
                return candidate
        return None


def check_layers(tree):
    for path, text in tree.code():
        for line, kind, name in includes(text):
            target = tree.resolve(path, name)
            wrong = None
            if target is None:
                wrong = outside_include(path, kind, name)
            elif not may_include(path, target):
                wrong = f"{folder_of(path)} must not see {target}"
            if wrong:
                tree.report(path, line, "layers", wrong)


def folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] in ("src", "tests") and len(parts) > 2 else parts[0]


def outside_include(path, kind, name):
    top = path.split("/")[0]
    if kind == '"':
        return f"no such file: {name}"
    users = ("tests", "examples")
    if name.split("/")[0].split(".")[0] == "uv" and top not in users and not under(path, ["src/platform"]):
        return "of the library only src/platform may include <uv.h>"
    if name.startswith("nlohmann/") and top != "tests" and path not in JSON:
        return "only json.hpp may need nlohmann_json"
    if name in RUN_TIME_HEADERS and top in ("src", "c"):
        return f"<{name}> needs libstdc++ at run time"
    return None


def may_include(path, target):
    top, above = path.split("/")[0], target.split("/")[0]
    if top == "src":
        if above == "include":
            return target != "include/spawned.h"
        layer = path.split("/")[1]
        known = LAYERS.get(layer)
        return above == "src" and known is not None and target.split("/")[1] in known | {layer}
    if top == "c":
        return above in ("c", "src", "include")
    if top == "examples":
        return above in ("include", "cpp", top)
    if top in ("include", "cpp", "bindings"):
        return above in ("include", top) and (target not in JSON or path in JSON)
    # The contract is tested through the contract alone.
    if path.endswith((".c", ".h")) and under(path, ["tests/c", "tests/support", "tests/stress"]):
        return above == "include" or under(target, [folder_of(path), "tests/support"])
    return True


def check_words(tree):
    for path, text in tree.code():
        code = bare_code(text)
        for rule, folders, pattern, message in WORDS:
            if not under(path, folders) or (
                    rule == "uv" and (under(path, ["src/platform"]) or path in UV)):
                continue
            for match in re.finditer(pattern, code):
                line = code.count("\n", 0, match.start()) + 1
                tree.report(path, line, rule, f"{match.group().strip()}: {message}")


def check_leftovers(tree):
    for path, text in tree.files.items():
        if under(path, ["tests/tidy"]):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                tree.report(path, number, "leftover", "finish it or open an issue")


def check_sizes(tree):
    for path, text in tree.files.items():
        limit = ceiling(path)
        lines = text.count("\n")
        if limit and lines > limit:
            tree.report(path, lines, "size", f"{lines} lines, at most {limit}: has it two subjects?")
        elif limit and lines > limit * 9 // 10:
            tree.warnings.append(f"{path}: {lines} lines of {limit}")


def check_openings(tree):
    """A file starts by saying what it is, or with the header that says it."""
    for path, text in tree.code():
        stem = PurePosixPath(path).stem.removesuffix("_test")
        own = re.match(rf'#include ["<]([^">]*/)?{stem}\.(h|hpp)[">]\n', text)
        if not own and not text.startswith(("//", "/*")):
            tree.report(path, 1, "opening", "a file starts by saying what it is")


def check_dead_files(tree):
    included = {tree.resolve(p, n) for p, t in tree.code() for _, _, n in includes(t)}
    for path, text in tree.files.items():
        name = PurePosixPath(path).name
        if PurePosixPath(path).suffix in (".h", ".hpp"):
            alive = path in included or path == "include/spawned.h" or path == "cpp/spawned.hpp"
        else:
            alive = BUILT.fullmatch(path) or KNOWN.fullmatch(path) or any(
                name in other for p, other in tree.files.items() if p != path)
        if not alive:
            tree.report(path, 1, "dead", "nothing builds, includes or mentions this file")
        elif not text.strip():
            tree.report(path, 1, "dead", "empty file")


CHECKS = [check_layers, check_words, check_leftovers, check_sizes, check_openings, check_dead_files]


def check(root):
    tree = Tree(root)
    for rule in CHECKS:
        rule(tree)
    return tree


def main():
    tree = check(sys.argv[1] if len(sys.argv) > 1 else ".")
    for warning in tree.warnings:
        print(f"warning: {warning}")
    for path, line, rule, message in sorted(tree.problems):
        print(f"{path}:{line}: {rule}: {message}")
    print(f"{len(tree.files)} files, {len(tree.problems)} problems")
    return 1 if tree.problems or not tree.files else 0


if __name__ == "__main__":
    sys.exit(main())
