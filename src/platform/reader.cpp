#include "platform/reader.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace spawned::engine {

namespace {

spawned_status status_of_poll(int error) {
    switch (error) {
        case UV_EEXIST:
            return SPAWNED_EEXIST;
        case UV_ENOMEM:
            return SPAWNED_ENOMEM;
        default:
            return SPAWNED_ESYSTEM;
    }
}

spawned_status status_of_read(int error) {
    switch (error) {
        case UV_EALREADY:
            return SPAWNED_EALREADY;
        case UV_EINVAL:
        case UV_ENOTCONN:
            return SPAWNED_EINVAL;
        case UV_ENOBUFS:
        case UV_ENOMEM:
            return SPAWNED_ENOMEM;
        default:
            return SPAWNED_ESYSTEM;
    }
}

}  // namespace

spawned_status check_descriptor(int descriptor) {
    struct stat about;
    if (descriptor < 0 || fstat(descriptor, &about) != 0) return SPAWNED_EINVAL;
    return S_ISREG(about.st_mode) || S_ISDIR(about.st_mode) ? SPAWNED_EUNSUPPORTED : SPAWNED_OK;
}

spawned_status descriptor_reader::open(event_loop& loop, int descriptor,
                                       void (*ready)(void* argument, bool broken), void* argument) {
    const int error = uv_poll_init(loop.native(), &poll_, descriptor);
    if (error != 0) return status_of_poll(error);
    uv_idle_init(loop.native(), &again_);
    poll_.data = again_.data = this;
    ready_ = ready;
    argument_ = argument;
    open_ = 2;
    return SPAWNED_OK;
}

void descriptor_reader::stop_going_on() {
    if (goes_on_) uv_idle_stop(&again_);
    goes_on_ = false;
}

void descriptor_reader::pause() {
    stop_going_on();
    if (polls_) uv_poll_stop(&poll_);
    polls_ = false;
}

spawned_status descriptor_reader::poll() {
    stop_going_on();
    if (polls_) return SPAWNED_OK;
    const int error = uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* seen, int status, int) {
        auto& self = *static_cast<descriptor_reader*>(seen->data);
        if (status < 0) self.polls_ = false;  // libuv has stopped it
        self.ready_(self.argument_, status < 0);
    });
    polls_ = error == 0;
    return polls_ ? spawned_status{SPAWNED_OK} : status_of_poll(error);
}

void descriptor_reader::go_on_soon() {
    if (goes_on_) return;
    goes_on_ = true;
    uv_idle_start(&again_, [](uv_idle_t* seen) {
        auto& self = *static_cast<descriptor_reader*>(seen->data);
        self.ready_(self.argument_, false);
    });
}

void descriptor_reader::close(void (*closed)(void* argument)) {
    closed_ = closed;
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_), on_closed);
    uv_close(reinterpret_cast<uv_handle_t*>(&again_), on_closed);
}

void descriptor_reader::on_closed(uv_handle_t* handle) {
    auto& self = *static_cast<descriptor_reader*>(handle->data);
    if (--self.open_ == 0) self.closed_(self.argument_);
}

bool stream_reader::belongs_to(const native_stream& stream, const native_loop* loop) {
    switch (stream.type) {
        case UV_TCP:
        case UV_NAMED_PIPE:
        case UV_TTY:
            return stream.loop == loop;
        default:
            return false;
    }
}

void stream_reader::attach(native_stream& stream, const events& wanted, void* argument) {
    stream_ = &stream;
    events_ = &wanted;
    argument_ = argument;
    data_before_ = stream.data;
    stream.data = this;
}

void stream_reader::detach() {
    stop();
    stream_->data = data_before_;
}

spawned_status stream_reader::start() {
    if (reads_) return SPAWNED_OK;
    const int error = uv_read_start(stream_, on_space, on_read);
    reads_ = error == 0;
    return reads_ ? spawned_status{SPAWNED_OK} : status_of_read(error);
}

void stream_reader::stop() {
    if (reads_) (void)uv_read_stop(stream_);
    reads_ = false;
}

void stream_reader::on_space(uv_handle_t* handle, std::size_t, uv_buf_t* out_buffer) {
    const auto& self = *static_cast<stream_reader*>(handle->data);
    std::size_t size = 0;
    out_buffer->base = self.events_->space(self.argument_, &size);
    out_buffer->len = out_buffer->base != nullptr ? size : 0;
}

void stream_reader::on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
    auto& self = *static_cast<stream_reader*>(stream->data);
    if (count > 0) {
        self.events_->bytes(self.argument_, static_cast<std::size_t>(count));
    } else if (count < 0) {
        self.stop();
        const int error = static_cast<int>(count);
        const spawned_status status = error == UV_EOF ? SPAWNED_OK : status_of_read(error);
        self.events_->end(self.argument_, status,
                          status == SPAWNED_ESYSTEM ? uv_strerror(error) : nullptr);
    }
}

}  // namespace spawned::engine
