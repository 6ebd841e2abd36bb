// The listener of a source that pushes: the object behind the program's handle.
#pragma once

#include "event/listener.hpp"

namespace spawned::engine {

struct push_settings {
    spawned_pid to;
    uint64_t until;  // 0: none
    void (*call)(void* user_data);
    void* user_data;
    void (*destroy)(void* user_data);
};

// Takes the user data and the promise over, which have ended unless OK. The promise is told of the first end: of
// the other side's at once, of the source's once the user data has ended.
spawned_status make_push_listener(core& home, const push_settings& settings, message& promise,
                                  listener** out_listener);

// The source ends, and with it the handle.
void end_push_listener(listener& self, spawned_status status, const char* words, size_t length);

}  // namespace spawned::engine
