#include "analyzer/crew.h"

#include <algorithm>

namespace fabrix::analyzer {
namespace {

// Looks, before it sleeps: some ten microseconds.
constexpr int kLooks = 1000;

// Until it has another value.
void await_other(const std::atomic<std::uint32_t>& number, std::uint32_t value) {
  for (int look = 0; look < kLooks; ++look) {
    if (number.load(std::memory_order_acquire) != value) return;
#ifdef __SSE2__
    __builtin_ia32_pause();
#endif
  }
  number.wait(value, std::memory_order_acquire);
}

}  // namespace

Crew::Crew(std::size_t parts) {
  const std::size_t most = std::clamp<std::size_t>(parts, 1, kMaxParts);
  for (std::size_t part = 1; part < most; ++part) {
    threads_.emplace_back([this, part] { work(part); });
  }
}

Crew::~Crew() {
  do_part_.store(nullptr, std::memory_order_release);
  works_.fetch_add(1, std::memory_order_release);
  works_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

// Whoever is first.
bool Crew::claim(std::size_t part, std::uint32_t work) {
  std::uint32_t before = work - 1;
  return claimed_.at(part).compare_exchange_strong(before, work, std::memory_order_acq_rel);
}

void Crew::run(const std::function<void(std::size_t part)>& do_part) {
  do_part_.store(&do_part, std::memory_order_release);
  done_.store(0, std::memory_order_relaxed);
  const std::uint32_t work = works_.fetch_add(1, std::memory_order_acq_rel) + 1;
  works_.notify_all();
  do_part(0);
  std::uint32_t others = 0;
  for (std::size_t part = 1; part < parts(); ++part) {
    if (claim(part, work)) {
      do_part(part);
    } else {
      ++others;
    }
  }
  for (std::uint32_t done = done_.load(std::memory_order_acquire); done != others;
       done = done_.load(std::memory_order_acquire)) {
    await_other(done_, done);
  }
}

void Crew::work(std::size_t part) {
  for (std::uint32_t seen = 0;;) {
    await_other(works_, seen);
    seen = works_.load(std::memory_order_acquire);
    // Late, it may be of the next work; then the part of this one is claimed.
    const DoPart* const do_part = do_part_.load(std::memory_order_acquire);
    if (do_part == nullptr) return;
    if (!claim(part, seen)) continue;
    (*do_part)(part);
    done_.fetch_add(1, std::memory_order_acq_rel);
    done_.notify_one();
  }
}

}  // namespace fabrix::analyzer
