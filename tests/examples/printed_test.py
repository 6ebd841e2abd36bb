"""Checks what ping_pong, busy_warning, updater and timers_and_signals print, which is not the same in every run.

usage: printed_test.py PROGRAM   (the example is known by the program's name)
"""

import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time


def run(program, *arguments, code=0):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=50)
    if done.returncode != code:
        sys.exit(f"{arguments}: exit code {done.returncode} instead of {code}\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines()


def expect(condition, lines):
    if not condition:
        sys.exit("printed instead:\n" + "\n".join(lines))


def ping_pong(program):
    """Strictly by turns, and as many as there was time for; the last ping may be answered or not."""
    lines = run(program)
    expect(lines and all(line == ("ping", "pong")[i % 2] for i, line in enumerate(lines)), lines)


def busy_warning(program):
    """Warned of on the pool and nowhere else; a busy machine may keep the watchdog from one or two."""
    lines = run(program)
    warning = re.compile(r"warning: handler of \w+ for [Bb]usy\.work is slow: running for (\d+) ms")
    pool = lines[: lines.index("blocking: working")]
    warnings = [warning.fullmatch(line) for line in pool if line != "pool: working"]
    expect(pool.count("pool: working") == 3 and lines[len(pool) :] == 3 * ["blocking: working"], lines)
    expect(1 <= len(warnings) <= 3 and all(w and int(w[1]) >= 10 for w in warnings), lines)


class Server(http.server.ThreadingHTTPServer):
    """Answers the first request well, the second with an error and the third with nothing at all."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.times = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}/news"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with self.server.lock:
            self.server.times.append(time.monotonic())
            number = len(self.server.times)
        if number == 3:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = b"nothing new" if self.path == "/news" else b""
        self.send_response(404 if number == 2 else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


# Of the nine ticks, those that came while a transfer still ran are missed, on a busy machine.
def attempts_of(lines):
    attempts, missed = [], 0
    for line in lines:
        skipped = re.fullmatch(r"(\d+) ticks missed", line)
        if skipped:
            missed += int(skipped[1])
            continue
        attempt = re.fullmatch(r"attempt (\d+): (.+)", line)
        expect(attempt and int(attempt[1]) == len(attempts) + 1, lines)
        attempts.append(attempt[2])
    expect(len(attempts) >= 1 and len(attempts) + missed <= 9, lines)
    return attempts


def updater(program):
    server, period = Server(), 0.1
    begin = time.monotonic()
    lines = run(program, server.address(), str(int(period * 1000)))
    attempts = attempts_of(lines)
    expect(server.times[0] - begin >= period, lines)
    expect(len(server.times) in (len(attempts), len(attempts) + 1), lines)  # one may be tried again
    good = "status 200, 11 bytes"
    expected = [good, "status 404, 11 bytes"]
    expect(attempts[:2] == expected[: len(attempts)], lines)
    expect(len(attempts) < 3 or attempts[2] in (good, "Empty reply from server"), lines)
    expect(all(attempt == good for attempt in attempts[3:]), lines)
    server.shutdown()
    server.server_close()

    # Nobody listens there any more: every attempt fails, and the program ends well all the same.
    lines = run(program, server.address(), "20")
    expect(all("connect" in attempt for attempt in attempts_of(lines)), lines)
    for wrong in ([], [server.address(), "0"], [server.address(), "x"], ["a", "1", "b"]):
        run(program, *wrong, code=2)


def ticks_until_interrupted(process):
    """Interrupts it once both have ticked twice; returns what it printed."""
    lines = []
    while sum(line.endswith("tick 2") for line in lines) < 2:
        lines.append(process.stdout.readline().rstrip("\n"))
        expect(lines[-1], lines)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=50)
    return lines + rest.splitlines()


def timers_and_signals(program):
    for backend in ("async", "blocking", "thread"):
        process = subprocess.Popen([program, backend, "20"], stdout=subprocess.PIPE, text=True)
        lines = ticks_until_interrupted(process)
        expect(process.returncode == 0 and lines[-1] == "both have ended", lines)
        for name in ("first", "second"):
            mine = [line.split(": ", 1)[1] for line in lines if line.startswith(name + ": ")]
            ticks = [f"tick {i + 1}" for i in range(len(mine) - 3)]
            expect(len(ticks) >= 2 and mine == ["ticking, until Ctrl-C", *ticks, "shutting down",
                                                f"stopped after {len(ticks)} ticks"], lines)
    for wrong in ([], ["fibre"], ["async", "0"], ["async", "1", "2"]):
        run(program, *wrong, code=2)


def main():
    program = os.path.abspath(sys.argv[1])
    tests = {"ping_pong": ping_pong, "busy_warning": busy_warning, "updater": updater,
             "timers_and_signals": timers_and_signals}
    tests[os.path.basename(program).removesuffix("_cpp")](program)


if __name__ == "__main__":
    main()
