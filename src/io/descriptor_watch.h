// DescriptorWatch: tells when a descriptor can be read or written without blocking.
//
// Each wait calls back once, possibly for nothing: the descriptor must be non-blocking, and EAGAIN
// means wait again. The watch does not own the descriptor and must be destroyed before it is
// closed; destroying it drops the waits.
#pragma once

#include <functional>
#include <memory>

#include "io/event_loop.h"

namespace fabrix::io {

class DescriptorWatch {
 public:
  DescriptorWatch(EventLoop& loop, int fd);
  ~DescriptorWatch();
  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;
  DescriptorWatch(DescriptorWatch&&) = delete;
  DescriptorWatch& operator=(DescriptorWatch&&) = delete;

  // At most one wait of each kind at a time. End of file and errors count as both.
  void wait_readable(std::function<void()> on_ready);
  void wait_writable(std::function<void()> on_ready);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace fabrix::io
