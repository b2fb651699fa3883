// LinkWatch: tells that some interface of a network namespace changed: came, went, up, down, its
// carrier (rtnetlink(7), RTMGRP_LINK).
//
// What changed is to be looked up (io/links.h): news come together, and may be lost where there
// are too many, which is news too. Loop's thread only.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "io/event_loop.h"

namespace fabrix::io {

class LinkWatch {
 public:
  // In the calling thread's namespace.
  static Result<std::unique_ptr<LinkWatch>> start(EventLoop& loop, std::function<void()> on_change);
  ~LinkWatch();
  LinkWatch(const LinkWatch&) = delete;
  LinkWatch& operator=(const LinkWatch&) = delete;
  LinkWatch(LinkWatch&&) = delete;
  LinkWatch& operator=(LinkWatch&&) = delete;

 private:
  class State;
  explicit LinkWatch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fabrix::io
