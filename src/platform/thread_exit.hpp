// Learning of the end of threads, foreign ones too. One pair of key and callback per process.
#pragma once

namespace spawned::engine {

// Makes the process's key. One function per process: making it again does nothing. false: the
// system has no key left, or the key has another function. Any thread.
bool thread_exit_key_create(void (*on_exit)(void*));

// on_exit(value) will run at the end of the calling thread, for the last value set, unless it is
// null. The key must exist. false: no memory.
bool thread_exit_key_set(void* value);

// In a forked child, before anything else: a thread that is not there may have been at work in here.
void thread_exit_forked();

}  // namespace spawned::engine
