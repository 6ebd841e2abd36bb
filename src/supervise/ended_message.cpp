#include "supervise/ended_message.hpp"

#include "actor/block.hpp"
#include "actor/lifecycle.hpp"

namespace spawned::engine {

namespace {

const spawned_message_type untyped = SPAWNED_MESSAGE_TYPE("", spawned_ended);

}  // namespace

message* new_ended_message(thread& self, core& home, spawned_pid to,
                           const spawned_message_type* type, const spawned_ended& told) {
    message* m =
        new_message(self, home, to, type != nullptr ? type : &untyped, sizeof(spawned_ended));
    if (m == nullptr) return nullptr;
    ended_in(*m) = told;
    m->set(message_constructed);
    m->set(message_of_end);
    return m;
}

void write_told(spawned_ended& told, const ended_actor& ended) {
    told.pid = ended.pid;
    told.exit = ended.exit;
    copy_text(ended.text, ended.exit.text_length, told.text, sizeof told.text);
}

void write_end(core& home, spawned_ended& told, const ended_actor* ended) {
    if (ended != nullptr) {
        write_told(told, *ended);
        return;
    }
    told.exit.size = sizeof told.exit;
    read_exit_reason(home, told.pid, &told.exit, told.text, sizeof told.text);
}

}  // namespace spawned::engine
