"""Each call of the system that the library makes fails once, in a life of a runtime of its own.

faults_test.py PROGRAM [EVERY]: every EVERYth call of each kind, by strace. Ends with 77 where that may not trace.
"""
import re
import subprocess
import sys

# When libuv's own eventfd fails it forgets to close its epoll descriptor; when epoll_ctl fails it aborts.
FAULTS = [("clone3", "EAGAIN", 0), ("mmap", "ENOMEM", 0), ("mprotect", "ENOMEM", 0),
          ("eventfd2", "EMFILE", 1), ("epoll_create1", "EMFILE", 0)]
MARKER = 'write(1, ""'
SKIPPED = 77


def run(program, call, inject=None, lost=0):
    """The program's result, and the calls it made."""
    command = ["strace", "-f", "-qq", "-e", f"trace={call},write"]
    if inject:
        command += ["-e", f"inject={call}:{inject}"]
    done = subprocess.run([*command, program, "one", str(lost)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def calls_of_first_life(program, call):
    code, trace = run(program, call)
    if code != 0:
        raise SystemExit(f"{program}: {code}\n{trace}")
    before, marker, _ = trace.partition(MARKER)
    assert marker, trace
    return len(re.findall(rf"\b{call}\(", before))


def main():
    program, every = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    try:
        probe = subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, text=True)
    except FileNotFoundError:
        print("skipped: there is no strace")
        return SKIPPED
    if probe.returncode != 0:
        print(f"skipped: strace may not trace here: {probe.stderr.strip()}")
        return SKIPPED
    failed, tried = 0, 0
    loaded = {call: loader_calls(call) for call, _, _ in FAULTS}
    for call, error, lost in FAULTS:
        last = calls_of_first_life(program, call)
        for number in range(loaded[call] + 1, last + 1, every):
            tried += 1
            try:
                code, trace = run(program, call, f"error={error}:when={number}", lost)
            except subprocess.TimeoutExpired:
                code, trace = "hangs", ""
            # Which thread makes a call first varies: some fail after the life that they were meant for.
            late = code != "hangs" and "(INJECTED)" not in trace.partition(MARKER)[0]
            loading = "error while loading" in trace or "cannot allocate" in trace
            if code != 0 and not late and not loading:
                failed += 1
                print(f"{call} {number} of {last} fails with {error}: {code}\n{trace[-1500:]}")
    print(f"{tried} calls failed, {failed} of them badly")
    return 1 if failed else 0


def loader_calls(call):
    """About what a program's loading takes, which is not ours to survive."""
    done = subprocess.run(["strace", "-f", "-qq", "-e", f"trace={call}", "true"], capture_output=True, text=True)
    return len(re.findall(rf"\b{call}\(", done.stderr))


sys.exit(main())
