// Sink: one way to hand entries to somebody: how they are written, and how a batch is delivered.
// Loop's thread only.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "exchange/export_site.h"
#include "exports/entry.h"
#include "exports/export_buffer.h"
#include "io/event_loop.h"

namespace fabrix::exports {

enum class Delivery : std::uint8_t {
  kTaken,
  kLater,    // to be sent again
  kRefused,  // it would never be taken
};

struct SinkResult {
  Delivery delivery = Delivery::kTaken;
  std::string why;  // it was not taken
};

class Sink {
 public:
  using OnDone = std::function<void(const SinkResult&)>;

  Sink() = default;
  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  Sink(Sink&&) = delete;
  Sink& operator=(Sink&&) = delete;

  // Empty: there is nothing to say of it.
  virtual std::string encode(const Entry& entry) const = 0;

  // What a batch may hold.
  virtual Mixture mixture() const { return Mixture::kAnyKinds; }

  // How long entries may wait for others to come with.
  virtual std::chrono::milliseconds linger() const { return std::chrono::seconds(1); }

  // One batch at a time, which is there until on_done: called once, from the loop, unless the sink
  // is destroyed before.
  virtual void send(std::span<const Item> batch, OnDone on_done) = 0;
};

// Of the site's kind.
std::unique_ptr<Sink> make_sink(io::EventLoop& loop, const exchange::ExportSite& site);

}  // namespace fabrix::exports
