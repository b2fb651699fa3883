#include "io/bpf_object.h"

#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace fabrix::io {
namespace {

// libbpf's warnings are those of our errors; it has one place for all threads to say them.
class Warnings {
 public:
  Warnings() : lock_(mutex()), previous_(libbpf_set_print(&Warnings::note)) { text().clear(); }
  ~Warnings() { libbpf_set_print(previous_); }
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;
  Warnings(Warnings&&) = delete;
  Warnings& operator=(Warnings&&) = delete;

  static std::string& text() {
    static std::string all;
    return all;
  }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  // NOLINTNEXTLINE(cert-dcl50-cpp): libbpf's.
  static int note(libbpf_print_level level, const char* format, va_list arguments) {
    constexpr std::size_t kMost = 4000;
    if (level != LIBBPF_WARN || text().size() > kMost) return 0;
    std::string line(1024, '\0');
    const int size = std::vsnprintf(line.data(), line.size(), format, arguments);
    if (size > 0) line.resize(std::min(line.size() - 1, static_cast<std::size_t>(size)));
    text() += line;
    return size;
  }

  std::unique_lock<std::mutex> lock_;
  libbpf_print_fn_t previous_;
};

struct Close {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};

Error with_warnings(Error error) {
  std::string& said = Warnings::text();
  while (!said.empty() && said.back() == '\n') said.pop_back();
  if (!said.empty()) error.message += ": " + said;
  return error;
}

Result<FileDescriptor> copy_of(int fd, const std::string& name) {
  FileDescriptor copy(dup(fd));
  if (!copy.valid()) return fail(errno_error(name));
  return copy;
}

Result<void> take(bpf_object* object, BpfObject& taken) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const std::string name = bpf_map__name(map);
    FABRIX_TRY(auto copy, copy_of(bpf_map__fd(map), name));
    FABRIX_TRY(taken.maps[name], BpfMap::adopt(std::move(copy), name));
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const std::string name = bpf_program__name(program);
    FABRIX_TRY(taken.programs[name], copy_of(bpf_program__fd(program), name));
  }
  return {};
}

bool is_bpffs(const std::string& directory) {
  struct statfs found {};
  return statfs(directory.c_str(), &found) == 0 &&
         static_cast<std::uint64_t>(found.f_type) == BPF_FS_MAGIC;
}

}  // namespace

Result<BpfObject> BpfObject::load(std::span<const std::byte> file, const std::string& directory) {
  const Warnings warnings;
  bpf_object_open_opts options{};
  options.sz = sizeof(options);
  options.object_name = "fabrix";
  const std::unique_ptr<bpf_object, Close> object(
      bpf_object__open_mem(file.data(), file.size(), &options));
  if (!object) return fail(with_warnings(errno_error("read eBPF object")));
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object.get()) {
    if (directory.empty()) break;
    const std::string path = directory + "/" + bpf_map__name(map);
    if (bpf_map__set_pin_path(map, path.c_str()) != 0) return fail(errno_error("pin " + path));
  }
  if (bpf_object__load(object.get()) != 0) {
    return fail(with_warnings(errno_error("load eBPF object")));
  }
  BpfObject taken;
  if (const auto done = take(object.get(), taken); !done) return fail(done.error());
  return taken;
}

Result<void> prepare_bpf_directory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(Error{"directory " + directory + ": " + error.message()});
  if (is_bpffs(directory)) return {};
  if (mount("bpf", directory.c_str(), "bpf", 0, "mode=0700") == 0) return {};
  return fail(errno_error("mount a bpffs at " + directory));
}

Result<FileDescriptor> claim_bpf_directory(const std::string& directory) {
  constexpr std::chrono::milliseconds kPause{10};
  constexpr int kTries = 100;
  FileDescriptor claim(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!claim.valid()) return fail(errno_error("open " + directory));
  for (int tries = 0; flock(claim.get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK) return fail(errno_error("lock " + directory));
    if (tries == kTries) return fail(Error{directory + " is the fabric of another process"});
    std::this_thread::sleep_for(kPause);
  }
  return claim;
}

Result<void> pin(int what, const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return fail(errno_error("remove " + path));
  if (bpf_obj_pin(what, path.c_str()) == 0) return {};
  return fail(errno_error("pin " + path));
}

Result<FileDescriptor> open_pinned(const std::string& path) {
  FileDescriptor found(bpf_obj_get(path.c_str()));
  if (!found.valid()) return fail(errno_error("open " + path));
  return found;
}

}  // namespace fabrix::io
