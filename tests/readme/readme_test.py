"""Extracts the snippets of README.md and uses them: files are written, commands run, CMake lines built.

usage: readme_test.py ROOT PREFIX WORK_DIRECTORY; PREFIX is an installation. A comment before a snippet says what it is:
  file NAME   written to NAME               prints   what the program of the page prints
  run         shell lines; make ./counter   cmake    the body of a project with a target counter
  verbs       calls of ./run that `./run help` must know
A snippet without such a comment fails the test, and so does a link to a file that does not exist.
"""

import os
import re
import shutil
import subprocess
import sys

PROJECT = "cmake_minimum_required(VERSION 3.22)\nproject(consumer LANGUAGES C)\n"


def call(command, where, environment):
    done = subprocess.run(command, cwd=where, env=environment, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{command} failed with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Page:
    def __init__(self, root, prefix, work):
        self.root, self.work = root, work
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        library = next(folder for folder, _, files in os.walk(prefix) if "libspawned.so" in files)
        self.environment = dict(os.environ, PKG_CONFIG_PATH=f"{library}/pkgconfig",
                                CMAKE_PREFIX_PATH=prefix, LD_LIBRARY_PATH=library)
        self.printed = None
        self.projects = 0

    def expect_printed(self, program):
        output = call([program], self.work, self.environment)
        if output != self.printed:
            sys.exit(f"{program} prints {output!r} instead of {self.printed!r}")

    def file(self, text, name):
        with open(f"{self.work}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def prints(self, text):
        self.printed = text

    def run(self, text):
        call(["sh", "-euc", text], self.work, self.environment)
        self.expect_printed(f"{self.work}/counter")

    def cmake(self, text):
        self.projects += 1
        here = f"{self.work}/project{self.projects}"
        os.makedirs(here)
        os.symlink(self.root, f"{here}/spawned")
        with open(f"{here}/CMakeLists.txt", "w", encoding="utf-8") as file:
            file.write(f"{PROJECT}add_executable(counter ../counter.c)\n{text}")
        # One translation unit compiles several times faster.
        call(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_UNITY_BUILD=ON",
              "-DCMAKE_UNITY_BUILD_BATCH_SIZE=0"], here, self.environment)
        call(["cmake", "--build", "build", "--target", "counter"], here, self.environment)
        self.expect_printed(f"{here}/build/counter")

    def verbs(self, text):
        known = call(["./run", "help"], self.root, os.environ)
        for verb in re.findall(r"^\./run (\w+)", text, re.M):
            if not re.search(rf"^\./run [\w |]*\b{verb}\b", known, re.M):
                sys.exit(f"./run {verb} is unknown to ./run help")


def main():
    root, prefix, work = (os.path.abspath(argument) for argument in sys.argv[1:4])
    with open(f"{root}/README.md", encoding="utf-8") as file:
        text = file.read()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        if not os.path.exists(f"{root}/{link}"):
            sys.exit(f"README.md links to {link}, which does not exist")
    page, used = Page(root, prefix, work), 0
    for kind, snippet in re.findall(r"(?:^<!-- ([^\n]*) -->\n)?^```\w+\n(.*?)^```$", text, re.M | re.S):
        word, *arguments = kind.split() or ["nothing"]
        if word not in ("file", "prints", "run", "cmake", "verbs"):
            sys.exit(f"a snippet that nothing tests:\n{snippet}")
        getattr(page, word)(snippet, *arguments)
        used += 1
    if used < 6 or page.projects < 2 or page.printed is None:
        sys.exit(f"only {used} snippets found")
    print(f"{used} snippets used")


if __name__ == "__main__":
    main()
