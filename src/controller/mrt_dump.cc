#include "controller/mrt_dump.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fabrix::controller {
namespace {

// How long a slice may take, and how often that is looked at.
constexpr std::chrono::milliseconds kSlice{2};
constexpr int kPrefixesAtOnce = 32;

constexpr std::size_t kPiece = std::size_t{256} << 10U;
constexpr mode_t kMode = 0644;

monitoring::Timestamp wall_clock() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Result<void> write_all(int file, std::span<const std::byte> octets) {
  while (!octets.empty()) {
    const ssize_t count = write(file, octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(io::errno_error("write"));
    octets = octets.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

// The thread's work. The rename itself must reach the disk, too.
Result<void> sync_and_rename(int file, const std::string& temporary, const std::string& path) {
  if (fsync(file) != 0) return fail(io::errno_error("fsync " + temporary));
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return fail(io::errno_error("rename to " + path));
  }
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const io::FileDescriptor folder(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid()) fsync(folder.get());
  return {};
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): what a dump is made of
MrtDump::MrtDump(io::EventLoop& loop, const monitoring::TableSource& source, std::string path,
                 monitoring::TableDumpOptions options, OnDone on_done)
    : loop_(loop),
      source_(source),
      path_(std::move(path)),
      on_done_(std::move(on_done)),
      turn_(loop, [this] { slice(); }),
      dump_(std::move(options), wall_clock()),
      self_(std::make_shared<MrtDump*>(this)) {
  turn_.start(std::chrono::milliseconds(0));
}

MrtDump::~MrtDump() {
  *self_ = nullptr;
  if (publisher_.joinable()) publisher_.join();
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void MrtDump::slice() {
  const auto outcome = begun_ ? some_prefixes() : begin();
  if (!outcome) {
    done(outcome);
  } else if (walk_ != nullptr) {
    turn_.start(std::chrono::milliseconds(0));
  } else {
    publish();
  }
}

Result<void> MrtDump::begin() {
  begun_ = true;
  std::string name = path_ + ".XXXXXX";
  file_ = io::FileDescriptor(mkostemp(name.data(), O_CLOEXEC));
  if (!file_.valid()) return fail(io::errno_error("create " + name));
  temporary_ = std::move(name);
  if (fchmod(file_.get(), kMode) != 0) return fail(io::errno_error("chmod " + temporary_));
  walk_ = source_.walk();
  dump_.begin(source_.peers(), out_);
  return {};
}

Result<void> MrtDump::some_prefixes() {
  const auto until = io::EventLoop::now() + kSlice;
  while (walk_ != nullptr && io::EventLoop::now() < until) {
    for (int i = 0; i < kPrefixesAtOnce && walk_ != nullptr; ++i) one_prefix();
    if (out_.size() >= kPiece || walk_ == nullptr) {
      auto written = flush();
      if (!written) return written;
    }
  }
  return {};
}

void MrtDump::one_prefix() {
  if (const auto routes = walk_->next()) {
    dump_.add(*routes, out_);
  } else {
    walk_.reset();
  }
}

Result<void> MrtDump::flush() {
  auto written = write_all(file_.get(), out_.take());
  if (!written) return fail(Error{temporary_ + ": " + written.error().message});
  return {};
}

void MrtDump::publish() {
  publisher_ = std::jthread(
      [&loop = loop_, self = self_, file = file_.get(), temporary = temporary_, path = path_] {
        const auto outcome = sync_and_rename(file, temporary, path);
        loop.post([self, outcome] {
          if (*self != nullptr) (*self)->done(outcome);
        });
      });
}

void MrtDump::done(const Result<void>& outcome) {
  walk_.reset();
  if (outcome) {
    temporary_.clear();
  }
  const OnDone on_done = std::move(on_done_);
  if (outcome) {
    on_done(dump_.counters());
  } else {
    on_done(fail(outcome.error()));
  }
}

}  // namespace fabrix::controller
