#include "io/bpf_map.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <numeric>
#include <thread>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/assert.h"

namespace fabrix::io {
namespace {

constexpr std::size_t kMostAtOnce = 4096;

bool is_per_cpu(std::uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH;
}

// Elements of maps that grow are made of memory that the kernel keeps at hand and gets more of in a
// worker; a burst of updates can be ahead of it (alloc_percpu_gfp with GFP_NOWAIT).
class KernelMemory {
 public:
  // After a call that failed: whether it is to be tried again.
  bool may_come() {
    if (errno != ENOMEM || std::chrono::steady_clock::now() > deadline_) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return true;
  }

 private:
  static constexpr auto kPatience = std::chrono::seconds(2);
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + kPatience;
};

}  // namespace

std::size_t possible_cpus() {
  static const int count = libbpf_num_possible_cpus();
  return count > 0 ? static_cast<std::size_t>(count) : 1;
}

Result<BpfMap> BpfMap::adopt(FileDescriptor descriptor, std::string name) {
  bpf_map_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(descriptor.get(), &info, &size) != 0) {
    return fail(errno_error("map " + name));
  }
  BpfMap map;
  map.descriptor_ = std::move(descriptor);
  map.name_ = std::move(name);
  map.id_ = info.id;
  map.key_size_ = info.key_size;
  map.per_cpu_ = is_per_cpu(info.type);
  constexpr std::size_t kPadding = 7;
  map.value_size_ = map.per_cpu_ ? (info.value_size + kPadding) & ~kPadding : info.value_size;
  return map;
}

Result<FileDescriptor> BpfMap::make_array(const std::string& name, std::size_t value_size,
                                          std::span<const std::byte> values) {
  const std::size_t count = values.size() / value_size;
  FABRIX_ASSERT(values.size() == count * value_size);
  FileDescriptor made(bpf_map_create(BPF_MAP_TYPE_ARRAY, name.c_str(), sizeof(std::uint32_t),
                                     static_cast<std::uint32_t>(value_size),
                                     static_cast<std::uint32_t>(count), nullptr));
  if (!made.valid()) return fail(errno_error("map " + name));
  std::vector<std::uint32_t> places(count);
  std::iota(places.begin(), places.end(), 0U);
  auto all = static_cast<std::uint32_t>(count);
  const bool done =
      bpf_map_update_batch(made.get(), places.data(), values.data(), &all, nullptr) == 0 &&
      bpf_map_freeze(made.get()) == 0;
  if (!done) return fail(errno_error("map " + name));
  return made;
}

Result<void> BpfMap::put(std::span<const std::byte> key, std::span<const std::byte> value) const {
  FABRIX_ASSERT(key.size() == key_size_);
  FABRIX_ASSERT(value.size() == stride());
  KernelMemory memory;
  do {
    if (bpf_map_update_elem(fd(), key.data(), value.data(), BPF_ANY) == 0) return {};
  } while (memory.may_come());
  return fail(errno_error("map " + name_));
}

Result<std::optional<std::vector<std::byte>>> BpfMap::get(std::span<const std::byte> key) const {
  FABRIX_ASSERT(key.size() == key_size_);
  std::vector<std::byte> value(stride());
  if (bpf_map_lookup_elem(fd(), key.data(), value.data()) == 0) return std::optional(value);
  if (errno == ENOENT) return std::optional<std::vector<std::byte>>();
  return fail(errno_error("map " + name_));
}

Result<void> BpfMap::erase(std::span<const std::byte> key) const {
  FABRIX_ASSERT(key.size() == key_size_);
  if (bpf_map_delete_elem(fd(), key.data()) == 0 || errno == ENOENT) return {};
  return fail(errno_error("map " + name_));
}

Result<void> BpfMap::put_all(std::span<const std::byte> keys,
                             std::span<const std::byte> values) const {
  FABRIX_TRY(const std::size_t put, put_while_room(keys, values));
  if (put == keys.size() / key_size_) return {};
  return fail(errno_error("map " + name_, E2BIG));
}

Result<std::size_t> BpfMap::put_while_room(std::span<const std::byte> keys,
                                           std::span<const std::byte> values) const {
  const std::size_t count = keys.size() / key_size_;
  FABRIX_ASSERT(values.size() == count * stride());
  std::size_t put = 0;
  KernelMemory memory;
  while (put != count) {
    auto part = static_cast<std::uint32_t>(std::min(count - put, kMostAtOnce));
    const bool done = bpf_map_update_batch(fd(), keys.data() + put * key_size_,
                                           values.data() + put * stride(), &part, nullptr) == 0;
    put += part;
    if (done || memory.may_come()) continue;
    if (errno == E2BIG) return put;
    return fail(errno_error("map " + name_));
  }
  return put;
}

Result<void> BpfMap::erase_all(std::span<const std::byte> keys) const {
  while (!keys.empty()) {
    auto part = static_cast<std::uint32_t>(std::min(keys.size() / key_size_, kMostAtOnce));
    const bool done = bpf_map_delete_batch(fd(), keys.data(), &part, nullptr) == 0;
    if (!done && errno != ENOENT) return fail(errno_error("map " + name_));
    // It stopped at one that is not there.
    keys = keys.subspan((part + (done ? 0U : 1U)) * key_size_);
  }
  return {};
}

Result<BpfMap::Contents> BpfMap::contents() const {
  Contents all;
  const auto done = scan([&all](const Contents& part) {
    all.keys.insert(all.keys.end(), part.keys.begin(), part.keys.end());
    all.values.insert(all.values.end(), part.values.begin(), part.values.end());
    all.count += part.count;
    return Visit::kGoOn;
  });
  if (!done) return fail(done.error());
  return all;
}

Result<void> BpfMap::scan(const std::function<Visit(const Contents&)>& visit) const {
  Contents part;
  std::size_t room = kMostAtOnce;
  std::vector<std::byte> place(std::max(key_size_, sizeof(std::uint32_t)));
  bool first = true;
  while (true) {
    part.keys.resize(room * key_size_);
    part.values.resize(room * stride());
    auto count = static_cast<std::uint32_t>(room);
    const int outcome = bpf_map_lookup_batch(fd(), first ? nullptr : place.data(), place.data(),
                                             part.keys.data(), part.values.data(), &count, nullptr);
    const int error = outcome == 0 ? 0 : errno;
    if (error == ENOSPC) {  // more in one bucket than there is room for
      room *= 2;
      continue;
    }
    if (error != 0 && error != ENOENT) return fail(errno_error("map " + name_));
    part.count = count;
    part.keys.resize(part.count * key_size_);
    part.values.resize(part.count * stride());
    first = false;
    if (visit(part) == Visit::kStop || error == ENOENT) return {};
  }
}

Result<std::vector<std::vector<std::byte>>> BpfMap::keys() const {
  std::vector<std::vector<std::byte>> found;
  std::vector<std::byte> key(key_size_);
  const void* before = nullptr;
  while (bpf_map_get_next_key(fd(), before, key.data()) == 0) {
    found.push_back(key);
    before = found.back().data();
  }
  if (errno == ENOENT) return found;
  return fail(errno_error("map " + name_));
}

}  // namespace fabrix::io
