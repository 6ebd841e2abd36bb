"""Checks that the pages about the sources speak of what is there.

usage: pages_test.py ROOT. Every test named in the tables of tests/README.md exists; every snippet of
CONTRIBUTING.md stands as it is in the file that the comment before it names.
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


def main():
    root, named = sys.argv[1], 0
    check_excerpts(root)
    with open(f"{root}/tests/README.md", encoding="utf-8") as file:
        rows = [line.split(" | ") for line in file if re.match(r"\| \S.* \| .* \| \w+: ", line)]
    for row in rows:
        for group in row[2].rstrip(" |\n").split("; "):
            program, tests = group.split(": ")
            with open(f"{root}/tests/c/{program}_test.c", encoding="utf-8") as file:
                source = file.read()
            for test in tests.split(", "):
                named += 1
                if not re.search(rf"(?:TEST|_test)\w*\({test}\b", source):
                    sys.exit(f"tests/README.md: {row[0]} names {test}, which {program}_test.c lacks")
    if named < 100:
        sys.exit(f"only {named} tests named")
    print(f"{named} tests named in {len(rows)} rows")


if __name__ == "__main__":
    main()
