#include "supervise/ended_message.hpp"

#include "actor/block.hpp"
#include "actor/lifecycle.hpp"

namespace spawned::engine {

message* new_ended_message(thread& self, core& home, spawned_pid to,
                           const spawned_message_type* type, const spawned_ended& told) {
    message* m = new_message(self, home, to, type, sizeof told);
    if (m == nullptr) return nullptr;
    ended_in(*m) = told;
    m->set(message_constructed);
    m->set(message_of_end);
    return m;
}

void write_end(core& home, spawned_ended& told, const ended_actor* ended) {
    told.exit.size = sizeof told.exit;
    if (ended == nullptr) {
        read_exit_reason(home, told.pid, &told.exit, told.text, sizeof told.text);
        return;
    }
    told.exit = ended->exit;
    copy_text(ended->text, ended->exit.text_length, told.text, sizeof told.text);
}

}  // namespace spawned::engine
