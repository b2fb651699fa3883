#include "io/bpf_ring.h"

#include <utility>

#include <bpf/libbpf.h>

#include "io/descriptor_watch.h"

namespace fabrix::io {

class BpfRing::State {
 public:
  explicit State(OnRecord on_record) : on_record_(std::move(on_record)) {}
  ~State() {
    watch_.reset();
    ring_buffer__free(ring_);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;

  Result<void> start(EventLoop& loop, const BpfMap& map) {
    ring_ = ring_buffer__new(map.fd(), &State::deliver, this, nullptr);
    if (ring_ == nullptr) return fail(errno_error("ring buffer " + map.name()));
    watch_ = std::make_unique<DescriptorWatch>(loop, ring_buffer__epoll_fd(ring_));
    // The kernel wakes nobody for what was there before.
    consume_later(loop);
    wait(loop);
    return {};
  }

 private:
  // Below 0: no more now.
  static int deliver(void* context, void* record, std::size_t size) {
    auto& self = *static_cast<State*>(context);
    self.on_record_(std::span(static_cast<std::byte*>(record), size));
    return ++self.delivered_ < kAtOnce ? 0 : -1;
  }

  void consume(EventLoop& loop) {
    delivered_ = 0;
    ring_buffer__consume(ring_);
    if (delivered_ >= kAtOnce) consume_later(loop);
  }

  void consume_later(EventLoop& loop) {
    loop.post([this, &loop, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) consume(loop);
    });
  }

  void wait(EventLoop& loop) {
    watch_->wait_readable([this, &loop] {
      consume(loop);
      wait(loop);
    });
  }

  static constexpr int kAtOnce = 256;

  OnRecord on_record_;
  int delivered_ = 0;  // at once
  ring_buffer* ring_ = nullptr;
  std::unique_ptr<DescriptorWatch> watch_;
  // Shared with what was posted to the loop.
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

BpfRing::BpfRing(std::unique_ptr<State> state) : state_(std::move(state)) {}
BpfRing::~BpfRing() = default;

Result<std::unique_ptr<BpfRing>> BpfRing::watch(EventLoop& loop, const BpfMap& map,
                                                OnRecord on_record) {
  auto state = std::make_unique<State>(std::move(on_record));
  if (const auto done = state->start(loop, map); !done) return fail(done.error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<BpfRing>(new BpfRing(std::move(state)));
}

}  // namespace fabrix::io
