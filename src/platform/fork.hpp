// Learning of a fork in the child. Nothing is done in the parent: its locks stay as they are.
#pragma once

namespace spawned::engine {

// Runs child in every forked child from here on. Installed once per process: later calls must name
// the same function and do nothing. false: the system has no memory. Any thread.
bool install_fork_handler(void (*child)());

}  // namespace spawned::engine
