// Log records, formatted on the stack and handed to the host's sink.
#include <stdarg.h>
#include <stdio.h>

#include "actor/core.hpp"

namespace spawned::engine {

void log_event(core& home, spawned_log_level level, const actor* about, const char* message_name,
               uint64_t elapsed, const char* format, ...) {
    if (level > home.log.level || home.log.write == nullptr) return;
    char words[max_text];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    spawned_log_record record = {};
    record.size = sizeof record;
    record.level = level;
    record.text = words;
    record.text_length = static_cast<uint32_t>(
        static_cast<size_t>(length) < sizeof words ? static_cast<size_t>(length) : sizeof words - 1);
    record.time = now(home);
    record.pid = about != nullptr ? about->pid.load_relaxed() : 0;
    record.actor_name = about != nullptr ? about->kind->table.name : nullptr;
    record.message_name = message_name;
    record.elapsed = elapsed;
    home.log.write(&record, home.log.user_data);
}

}  // namespace spawned::engine
