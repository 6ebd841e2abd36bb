// Links: two watches, one in each direction, that bring exit signals.
#pragma once

#include "actor/lifecycle.hpp"

namespace spawned::engine {

spawned_status link_actors(core& home, spawned_pid one, spawned_pid other);
spawned_status unlink_actors(core& home, spawned_pid one, spawned_pid other);

spawned_status start_linked(core& home, const spawned_behavior& behavior, start_options options,
                            spawned_pid other, spawned_pid* out_pid);

}  // namespace spawned::engine
