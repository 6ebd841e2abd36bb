"""Checks what compilers say of misuse of the C++ layer.

usage: compile_fail_test.py ROOT COMPILER. Each file here is a mistake. It must be met by one error and no
other, which says what the comments `// says: REGEX` of the file list, in the error or in the notes that come
with it. With FIXED defined each does what the sentence advises, and compiles: all in one translation unit.
`// only: gcc` or `// only: clang` where the other has nothing to refuse.
"""

import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror",
         "-fno-diagnostics-color"]


class Compiler:
    """Compiles with the headers that the mistakes include precompiled."""

    def __init__(self, root, name, work, paths):
        self.command = [name, *FLAGS, f"-I{root}/cpp", f"-I{root}/include"]
        self.is_clang = os.path.basename(name).startswith("clang")
        lines = {line for path in paths for line in open(path, encoding="utf-8") if line.startswith("#include")}
        with open(f"{work}/all.hpp", "w", encoding="utf-8") as file:
            file.write("".join(sorted(lines)))
        made = f"{work}/all.hpp.{'pch' if self.is_clang else 'gch'}"
        done = self.run("-x", "c++-header", f"{work}/all.hpp", "-o", made)
        if done.returncode != 0:
            sys.exit(done.stderr)
        self.headers = ["-include-pch", made] if self.is_clang else ["-include", f"{work}/all.hpp"]

    def run(self, *arguments, text=None):
        return subprocess.run([*self.command, *arguments], input=text, capture_output=True, text=True,
                              errors="replace", env=dict(os.environ, LC_ALL="C"))

    def check(self, *arguments, text=None):
        return self.run("-fsyntax-only", *self.headers, *arguments, text=text)

    def complaint(self, path):
        """What is wrong with how it meets the mistake; nothing if all is well."""
        with open(path, encoding="utf-8") as file:
            source = file.read()
        only = re.search(r"^// only: (\S+)$", source, re.M)
        if only and (only[1] == "clang") != self.is_clang:
            return ""
        said = self.check(path).stderr
        errors = re.findall(r"^.*\berror: .*$", said, re.M)
        wanted = re.findall(r"^// says: (.*)$", source, re.M)
        wrong = [f"does not say: {one}" for one in wanted if not re.search(one, said)]
        if len(errors) != 1 or not re.search(wanted[0], errors[0]):
            wrong.append(f"{len(errors)} errors instead of one that says it")
        return "\n".join([os.path.basename(path), *wrong, said]) if wrong else ""

    def fixed(self, paths):
        """What it says of them all when they do what the sentences advise."""
        text = "#define FIXED\n"
        for path in paths:
            text += f'namespace {os.path.basename(path).removesuffix(".cpp")} {{\n#include "{path}"\n}}\n'
        done = self.check("-x", "c++", "-", text=text)
        return done.stderr if done.returncode != 0 else ""


def main():
    root, name = os.path.abspath(sys.argv[1]), sys.argv[2]
    paths = sorted(glob.glob(f"{root}/tests/compile_fail/*.cpp"))
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(2) as pool:
        compiler = Compiler(root, name, work, paths)
        jobs = [pool.submit(compiler.fixed, paths)]
        jobs += [pool.submit(compiler.complaint, path) for path in paths]
        wrong = [job.result() for job in jobs if job.result()]
    if wrong or len(paths) < 12:
        sys.exit("\n\n".join(wrong) or "cases are missing")
    print(f"{len(paths)} mistakes, each met by one sentence")


if __name__ == "__main__":
    main()
