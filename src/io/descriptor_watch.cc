#include "io/descriptor_watch.h"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace fabrix::io {

namespace asio = boost::asio;

// The callbacks live in Asio's queue, not here: a callback may own the object that owns the watch,
// and a loop that is destroyed then frees them all.
class DescriptorWatch::State : public std::enable_shared_from_this<State> {
 public:
  State(EventLoop& loop, int fd) : descriptor_(loop.context(), fd) {}

  void wait(asio::posix::descriptor_base::wait_type type, std::function<void()> on_ready) {
    descriptor_.async_wait(
        type, [self = shared_from_this(), on_ready = std::move(on_ready)](const auto& error) {
          if (!error && !self->dropped_) on_ready();
        });
  }

  void drop() {
    dropped_ = true;
    descriptor_.release();
  }

 private:
  asio::posix::stream_descriptor descriptor_;
  bool dropped_ = false;
};

DescriptorWatch::DescriptorWatch(EventLoop& loop, int fd)
    : state_(std::make_shared<State>(loop, fd)) {}

DescriptorWatch::~DescriptorWatch() {
  state_->drop();
}

void DescriptorWatch::wait_readable(std::function<void()> on_ready) {
  state_->wait(asio::posix::descriptor_base::wait_read, std::move(on_ready));
}

void DescriptorWatch::wait_writable(std::function<void()> on_ready) {
  state_->wait(asio::posix::descriptor_base::wait_write, std::move(on_ready));
}

}  // namespace fabrix::io
