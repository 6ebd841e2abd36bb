// Learning of a fork in the child. Nothing is done in the parent: its locks stay as they are.
#pragma once

namespace spawned::engine {

// Runs child in every forked child from here on. One function per process: installing it again does
// nothing. false: the system has no memory, or another function is installed. Any thread.
bool install_fork_handler(void (*child)());

}  // namespace spawned::engine
