"""Holds the headers, the map and the built libraries to one another.

usage: abi.py ROOT CHECK [FILE]. Prints what is wrong and fails if anything is. abi_test.py breaks what
is read from text; the rest is read from the built files with binutils.
"""

import re
import subprocess
import sys
from pathlib import Path

THREAD_RULES = "any|handler|host|owner"


def headers(root):
    return {path.name: path.read_text(encoding="utf-8")
            for path in sorted(Path(root, "include").rglob("*.h"))}


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def declarations(text):
    """Yields (function, comment): a group without a blank line between shares its first one's comment."""
    token = r"(/\*.*?\*/)|(SPAWNED_API\s[^;]*?\b(spawned_\w+)\s*\([^;]*;)|(\n[ \t]*\n)|(\S)"
    comment = None
    for match in re.finditer(token, text, re.S):
        if match.group(1):
            comment = match.group(1)
        elif match.group(3):
            yield match.group(3), comment
        else:
            comment = None


def declared_functions(root):
    return {name for text in headers(root).values() for name, _ in declarations(text)}


def mapped_functions(text):
    text = re.sub(r"#[^\n]*", "", text)
    return {name: node for node, names in re.findall(r"(SPAWNED_[\d.]+)\s*\{\s*global:(.*?)(?:local:|\})",
                                                     text, re.S)
            for name in re.findall(r"\w+", names)}


def visible_names(text):
    """The struct fields as struct.field, the structs, and the enum constants of a header."""
    text = without_comments(text)
    names = set()
    for struct, body in re.findall(r"struct (spawned_\w+) \{(.*?)\}", text, re.S):
        names.add(struct)
        for field in filter(str.strip, body.split(";")):
            name = re.search(r"\(\*(\w+)\)", field) or re.search(r"(\w+)\s*(?:\[\w+\]\s*)?$", field)
            names.add(f"{struct}.{name.group(1)}")
    for body in re.findall(r"enum \{(.*?)\}", text, re.S):
        names.update(re.findall(r"\b(SPAWNED_\w+) *=", body))
    return names


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def difference(left, right, left_name, right_name):
    return [f"{name}: in {left_name}, not in {right_name}" for name in sorted(left - right)] + \
           [f"{name}: in {right_name}, not in {left_name}" for name in sorted(right - left)]


def check_symbols(root, library):
    """Headers, map and library name the same functions, each at its version, and no data."""
    declared = declared_functions(root)
    mapped = mapped_functions(Path(root, "c/spawned.map").read_text(encoding="utf-8"))
    wrong = difference(declared, set(mapped), "include/", "c/spawned.map")
    exported = {}
    for line in tool("nm", "-D", "--defined-only", library).splitlines():
        _, kind, name = line.split()
        name, _, node = name.partition("@@")
        if kind == "A":
            continue
        if kind != "T":
            wrong.append(f"{name}: exported, but no function ({kind})")
        exported[name] = node
    wrong += difference(set(mapped), set(exported), "c/spawned.map", library)
    return wrong + [f"{name}: exported at {node}, mapped at {mapped[name]}"
                    for name, node in exported.items() if mapped.get(name, node) != node]


def check_needed(_, library):
    """The library asks for libuv and the C library alone, and for nothing of C++'s run time."""
    dynamic = tool("readelf", "-dW", library)
    allowed = r"libuv\.so\.1|libc\.so\.6|libm\.so\.6|libpthread\.so\.0|ld-linux[-\w.]*"
    wrong = [f"needs {name}" for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
             if not re.fullmatch(allowed, name)]
    if "[libspawned.so.0]" not in dynamic:
        wrong.append("the soname is not libspawned.so.0")
    for flag in ("NOW", "NODELETE"):
        if not re.search(rf"\(FLAGS_1\).*\b{flag}\b", dynamic):
            wrong.append(f"not linked with -z {flag.lower()}")
    for symbol in tool("nm", "-D", "--undefined-only", library).split():
        if re.search(r"GLIBCXX|CXXABI|^_Z", symbol):
            wrong.append(f"refers to {symbol} of the C++ run time")
        if symbol.startswith("__tls_get_addr"):
            wrong.append("has a thread-local variable of a slow model: not initial-exec")
    return wrong


# What would be felt by the whole process: libuv's shared loop, its pool of threads and what runs on that, its
# allocator, its children and its signals; the environment, the standard streams, exit handlers, the locale.
PROCESS_WIDE = (r"uv_(default_loop|replace_allocator|queue_work|getaddrinfo|getnameinfo|random|fs_\w+|spawn"
                r"|signal_\w+|setup_args|set_process_title|os_(set|unset)env|disable_stdio_inheritance"
                r"|library_shutdown|chdir)"
                r"|(set|put|unset|clear)env|environ|v?f?printf|puts|putchar|fputs|fwrite|perror|std(in|out|err)"
                r"|atexit|on_exit|at_quick_exit|signal|bsd_signal|sigprocmask|setlocale|chdir|umask|srand|abort"
                r"|__(v?f?printf|fwrite)_chk")


def process_wide(listing):
    """Of `nm -D --undefined-only` output: what has effects beyond the library."""
    for symbol in re.findall(r"\bU (\w+)", listing):
        if re.fullmatch(PROCESS_WIDE, symbol):
            yield symbol


def check_guest(_, library):
    """The library leaves alone what belongs to the whole process."""
    return [f"refers to {symbol}"
            for symbol in process_wide(tool("nm", "-D", "--undefined-only", library))]


def foreign_symbols(listing):
    """Of `nm -gC --defined-only` output: global symbols that could clash with a program's own."""
    for line in listing.splitlines():
        match = re.fullmatch(r"[0-9a-f]+ (\w) (.+)", line)
        if not match:
            continue
        kind, name = match.groups()
        ours = re.search(r"^spawned_|\bspawned::(engine|boundary)::", name)
        # Instantiations of the standard library are everybody's; placement new is inline.
        shared = kind in "WVu" and ("std::" in name or name == "operator new(unsigned long, void*)")
        if not ours and not shared:
            yield f"{name} ({kind})"


def check_archive(_, library):
    """The static library's global symbols are spawned_…, or in the engine's or the boundary's namespace."""
    return [f"global symbol {name}"
            for name in foreign_symbols(tool("nm", "-gC", "--defined-only", library))]


def check_initialisers(_, library):
    """No object runs code when it is loaded or unloaded."""
    wrong, member = [], library
    for line in tool("readelf", "-SW", library).splitlines():
        if line.startswith("File:"):
            member = line.split("(")[-1].rstrip(")")
        match = re.search(r"\.(init_array|fini_array|ctors|dtors|preinit_array)\b", line)
        if match:
            wrong.append(f"{member}: has .{match.group(1)}")
    return wrong


def comment_faults(name, comment):
    if comment is None:
        yield f"{name}: no comment"
        return
    if not re.search(rf"Thread:\s+({THREAD_RULES})\b", comment):
        yield f"{name}: no line `Thread: {THREAD_RULES}`"
    if not re.search(r"\bSince\s+\d+\.\d+", comment):
        yield f"{name}: no `Since x.y`"


def check_comments(root):
    """Every public function says on which threads it may be called and since when it exists."""
    return [f"{header}: {fault}" for header, text in headers(root).items()
            for name, comment in declarations(text) for fault in comment_faults(name, comment)]


def check_layout(root):
    """layout.c pins every visible struct, field and constant."""
    pins = Path(root, "tests/abi/layout.c").read_text(encoding="utf-8")
    pinned = set(re.findall(r"(?:SIZE|VALUE)\((\w+), -?\d+\)", pins))
    pinned |= {f"{s}.{f}" for s, f in re.findall(r"FIELD\((\w+), (\w+), \d+\)", pins)}
    names = set().union(*(visible_names(text) for text in headers(root).values()))
    return difference(names, pinned, "include/", "tests/abi/layout.c")


def check_version(root):
    """One version in the headers, the build and the map."""
    text = headers(root)["version.h"]
    numbers = re.findall(r"#define SPAWNED_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text)
    build = re.search(r"VERSION (\d+\.\d+\.\d+)", Path(root, "CMakeLists.txt").read_text("utf-8").split(
        "project(")[1]).group(1)
    mapped = mapped_functions(Path(root, "c/spawned.map").read_text(encoding="utf-8"))
    newest = max(tuple(map(int, node.split("_")[1].split("."))) for node in mapped.values())
    wrong = [] if ".".join(numbers) == build else [f"headers say {'.'.join(numbers)}, CMake {build}"]
    if newest > tuple(map(int, numbers[:2])):
        wrong.append(f"the map knows {newest}, the headers are older")
    return wrong


def main():
    root, name, *files = sys.argv[1:]
    wrong = globals()[f"check_{name}"](root, *files)
    for fault in wrong:
        print(fault)
    print(f"abi {name}: {len(declared_functions(root))} functions, {len(wrong)} faults")
    return 1 if wrong or not declared_functions(root) else 0


if __name__ == "__main__":
    sys.exit(main())
