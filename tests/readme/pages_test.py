"""Checks that the pages about the sources speak of what is there.

usage: pages_test.py ROOT. Every test named in the tables of tests/README.md and tests/framework.md exists;
every snippet of CONTRIBUTING.md stands as it is in the file that the comment before it names.
"""

import re
import sys


def check_excerpts(root):
    with open(f"{root}/CONTRIBUTING.md", encoding="utf-8") as file:
        excerpts = re.findall(r"(?:^<!-- from (\S+) -->\n)?^```\w+\n(.*?)\n```$", file.read(), re.M | re.S)
    for path, excerpt in excerpts:
        with open(f"{root}/{path}", encoding="utf-8") as file:
            if excerpt not in file.read():
                sys.exit(f"CONTRIBUTING.md: this is not in {path}:\n{excerpt}")
    if len(excerpts) < 4:
        sys.exit(f"only {len(excerpts)} snippets in CONTRIBUTING.md")


def check_test(root, page, row, program, test):
    """program: "cpp/task" with Suite.Name as the test, or "c/exit", which may be "exit" alone."""
    folder, name = program.split("/") if "/" in program else ("c", program)
    path = f"tests/{folder}/{name}_test.{folder}"
    with open(f"{root}/{path}", encoding="utf-8") as file:
        source = file.read()
    declared = r",\s*".join(map(re.escape, test.split(".")))
    if not re.search(rf"(?:TEST|_test)\w*\(\s*{declared}\b", source):
        sys.exit(f"{page}: {row} names {test}, which {path} lacks")


def check_tables(root, page, least):
    named = 0
    with open(f"{root}/{page}", encoding="utf-8") as file:
        rows = [line.rstrip(" |\n").split(" | ") for line in file
                if re.match(r"\| \S.* \| ([a-z]+/)?\w+: ", line)]
    for row in rows:
        for group in row[-1].split("; "):
            program, tests = group.split(": ")
            for test in tests.split(", "):
                named += 1
                check_test(root, page, row[0], program, test)
    if named < least:
        sys.exit(f"{page}: only {named} tests named")
    print(f"{page}: {named} tests named in {len(rows)} rows")


def main():
    root = sys.argv[1]
    check_excerpts(root)
    check_tables(root, "tests/README.md", 100)
    check_tables(root, "tests/framework.md", 100)


if __name__ == "__main__":
    main()
