"""Extracts the snippets of README.md and GUIDE.md and uses them as the text around them says.

usage: readme_test.py ROOT PREFIX WORK_DIRECTORY; PREFIX is an installation. A comment before a snippet
says what it is:
  program NAME  a C or C++ program, which is built and run
  prints        what the program above prints
  run           shell lines that build the program above, as ./<its name>
  cmake [NAME]  the body of a project that has a target of that name, or of the program NAME above
  verbs         calls of ./run that `./run help` must know
  from PATH     lines that stand so in that file
A snippet without such a comment fails the test, and so does a link to a file that does not exist.
"""

import os
import re
import shutil
import subprocess
import sys

WARNINGS = "-Wall -Wextra -Wno-unused-parameter -Werror"
COMPILERS = {".c": ("C", f"cc -std=gnu11 {WARNINGS}"),
             ".cpp": ("CXX", f"c++ -std=c++20 {WARNINGS} -Wpedantic -Wconversion -Wshadow")}


def call(command, where, environment):
    done = subprocess.run(command, cwd=where, env=environment, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{command} failed with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Page:
    def __init__(self, root, prefix, work):
        self.root, self.work = root, work
        os.makedirs(work)
        library = next(folder for folder, _, files in os.walk(prefix) if "libspawned.so" in files)
        self.environment = dict(os.environ, PKG_CONFIG_PATH=f"{library}/pkgconfig",
                                CMAKE_PREFIX_PATH=prefix, LD_LIBRARY_PATH=library)
        self.name = self.source = self.printed = None
        self.projects = self.programs = 0

    def shell(self, text):
        return call(["sh", "-euc", text], self.work, self.environment)

    def expect_printed(self, program):
        output = call([program], self.work, self.environment)
        if output != self.printed:
            sys.exit(f"{program} prints {output!r} instead of {self.printed!r}")

    def program(self, text, source):
        self.programs += 1
        self.source, (self.name, suffix) = source, os.path.splitext(source)
        with open(f"{self.work}/{source}", "w", encoding="utf-8") as file:
            file.write(text)
        libraries = "spawned libuv" if "<uv.h>" in text else "spawned"
        self.shell(f"{COMPILERS[suffix][1]} {source} $(pkg-config --cflags --libs {libraries}) -o {self.name}")
        self.printed = call([f"./{self.name}"], self.work, self.environment)

    def prints(self, text):
        if self.printed != text:
            sys.exit(f"{self.source} prints {self.printed!r} instead of {text!r}")

    def run(self, text):
        os.remove(f"{self.work}/{self.name}")
        self.shell(text)
        self.expect_printed(f"{self.work}/{self.name}")

    def cmake(self, text, source=None):
        self.projects += 1
        if source:
            self.source, (self.name, _) = source, os.path.splitext(source)
            self.printed = call([f"./{self.name}"], self.work, self.environment)
        here = f"{self.work}/project{self.projects}"
        os.makedirs(here)
        os.symlink(self.root, f"{here}/spawned")
        language = COMPILERS[os.path.splitext(self.source)[1]][0]
        with open(f"{here}/CMakeLists.txt", "w", encoding="utf-8") as file:
            file.write("cmake_minimum_required(VERSION 3.22)\n"
                       f"project(consumer LANGUAGES {language})\n"
                       f"add_executable({self.name} ../{self.source})\n{text}")
        # One translation unit compiles several times faster.
        call(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_UNITY_BUILD=ON",
              "-DCMAKE_UNITY_BUILD_BATCH_SIZE=0"], here, self.environment)
        call(["cmake", "--build", "build", "--target", self.name], here, self.environment)
        self.expect_printed(f"{here}/build/{self.name}")

    def verbs(self, text):
        known = call(["./run", "help"], self.root, os.environ)
        for verb in re.findall(r"^\./run (\w+)", text, re.M):
            if not re.search(rf"^\./run [\w |]*\b{verb}\b", known, re.M):
                sys.exit(f"./run {verb} is unknown to ./run help")

    def stands_in(self, text, path):
        with open(f"{self.root}/{path}", encoding="utf-8") as file:
            if text not in file.read():
                sys.exit(f"this is not in {path}:\n{text}")


KINDS = {"program": Page.program, "prints": Page.prints, "run": Page.run, "cmake": Page.cmake,
         "verbs": Page.verbs, "from": Page.stands_in}


def use(root, prefix, work, name):
    with open(f"{root}/{name}", encoding="utf-8") as file:
        text = file.read()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        if not os.path.exists(f"{root}/{link}"):
            sys.exit(f"{name} links to {link}, which does not exist")
    page, used = Page(root, prefix, f"{work}/{name}"), 0
    for kind, snippet in re.findall(r"(?:^<!-- ([^\n]*) -->\n)?^```\w+\n(.*?)^```$", text, re.M | re.S):
        word, *arguments = kind.split() or ["nothing"]
        if word not in KINDS:
            sys.exit(f"{name}: a snippet that nothing tests:\n{snippet}")
        KINDS[word](page, snippet, *arguments)
        used += 1
    print(f"{name}: {used} snippets used, {page.programs} programs and {page.projects} projects")
    return page


def check_statuses(root):
    """The guide says of every status what to do."""
    with open(f"{root}/include/spawned/status.h", encoding="utf-8") as header, \
            open(f"{root}/GUIDE.md", encoding="utf-8") as guide:
        rows = "".join(line for line in guide if line.startswith("| `SPAWNED_E"))
        for status in re.findall(r"\b(SPAWNED_E\w+) = ", header.read()):
            if f"`{status}`" not in rows:
                sys.exit(f"GUIDE.md has no row for {status}")


def main():
    root, prefix, work = (os.path.abspath(argument) for argument in sys.argv[1:4])
    shutil.rmtree(work, ignore_errors=True)
    front = use(root, prefix, work, "README.md")
    guide = use(root, prefix, work, "GUIDE.md")
    check_statuses(root)
    if front.programs < 3 or front.projects < 3 or guide.programs < 3:
        sys.exit("snippets are missing")


if __name__ == "__main__":
    main()
