// Log records, formatted on the stack and handed to the host's sink.
#include <stdarg.h>
#include <stdio.h>

#include "actor/core.hpp"

namespace spawned::engine {

namespace {

void write_record(core& home, spawned_log_record& record, const char* format, va_list arguments) {
    char words[max_text];
    const int length = vsnprintf(words, sizeof words, format, arguments);
    if (length < 0) return;
    record.size = sizeof record;
    record.text = words;
    record.text_length = static_cast<uint32_t>(static_cast<size_t>(length) < sizeof words
                                                   ? static_cast<size_t>(length)
                                                   : sizeof words - 1);
    record.time = now(home);
    home.log.write(&record, home.log.user_data);
}

bool is_wanted(const core& home, spawned_log_level level) {
    return level <= home.log.level && home.log.write != nullptr;
}

}  // namespace

void log_about(core& home, spawned_log_level level, spawned_pid pid, const char* actor_name,
               const char* message_name, uint64_t elapsed, const char* format, ...) {
    if (!is_wanted(home, level)) return;
    spawned_log_record record = {};
    record.level = level;
    record.pid = pid;
    record.actor_name = actor_name;
    record.message_name = message_name;
    record.elapsed = elapsed;
    va_list arguments;
    va_start(arguments, format);
    write_record(home, record, format, arguments);
    va_end(arguments);
}

void log_event(core& home, spawned_log_level level, const actor* about, const char* message_name,
               uint64_t elapsed, const char* format, ...) {
    if (!is_wanted(home, level)) return;
    spawned_log_record record = {};
    record.level = level;
    record.pid = about != nullptr ? about->pid.load_relaxed() : 0;
    record.actor_name = about != nullptr ? about->kind->table.name : nullptr;
    record.message_name = message_name;
    record.elapsed = elapsed;
    va_list arguments;
    va_start(arguments, format);
    write_record(home, record, format, arguments);
    va_end(arguments);
}

}  // namespace spawned::engine
