// BpfMap: a map in the kernel that programs of eBPF and this process share.
//
//   Linux Documentation/bpf/maps.rst
//
// Keys and values are the octets of plain structures, of the sizes that the map has; a per-CPU
// map's value is one for each CPU, each padded to 8 octets. Fails with what the kernel said, under
// the map's name. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

// CPUs that the kernel could have, of which a per-CPU map has values.
std::size_t possible_cpus();

class BpfMap {
 public:
  BpfMap() = default;
  static Result<BpfMap> adopt(FileDescriptor descriptor, std::string name);
  // An array of these values, one after the other, to which nobody can write any more but programs.
  static Result<FileDescriptor> make_array(const std::string& name, std::size_t value_size,
                                           std::span<const std::byte> values);

  int fd() const { return descriptor_.get(); }
  const std::string& name() const { return name_; }
  // The kernel's number for it.
  std::uint32_t id() const { return id_; }
  std::size_t key_size() const { return key_size_; }
  std::size_t value_size() const { return value_size_; }

  Result<void> put(std::span<const std::byte> key, std::span<const std::byte> value) const;
  // None: not there.
  Result<std::optional<std::vector<std::byte>>> get(std::span<const std::byte> key) const;
  // Success if it was not there.
  Result<void> erase(std::span<const std::byte> key) const;
  // Many at once; `keys` and `values` one after the other.
  Result<void> put_all(std::span<const std::byte> keys, std::span<const std::byte> values) const;
  // As put_all(), until the map is full: how many were put.
  Result<std::size_t> put_while_room(std::span<const std::byte> keys,
                                     std::span<const std::byte> values) const;
  // Success if some were not there.
  Result<void> erase_all(std::span<const std::byte> keys) const;
  // Octets of a value, of all CPUs.
  std::size_t stride() const { return value_size_ * (per_cpu_ ? possible_cpus() : 1); }
  // Of a map that nobody else changes meanwhile.
  Result<std::vector<std::vector<std::byte>>> keys() const;
  // All that is there, many at a time; values of stride() octets.
  struct Contents {
    std::vector<std::byte> keys;  // one after the other, as the values
    std::vector<std::byte> values;
    std::size_t count = 0;
  };
  Result<Contents> contents() const;
  // The same part by part, until `visit` returns kStop.
  enum class Visit : std::uint8_t { kGoOn, kStop };
  Result<void> scan(const std::function<Visit(const Contents&)>& visit) const;

  template <typename Key, typename Value>
  Result<void> put_value(const Key& key, const Value& value) const {
    return put(octets_of(key), octets_of(value));
  }
  template <typename Value, typename Key>
  Result<std::optional<Value>> value_of(const Key& key) const {
    FABRIX_TRY(const auto octets, get(octets_of(key)));
    if (!octets) return std::optional<Value>();
    return std::optional<Value>(read_as<Value>(*octets, 0));
  }
  // Of a per-CPU map: each CPU's; empty: not there.
  template <typename Value, typename Key>
  Result<std::vector<Value>> values_of(const Key& key) const {
    FABRIX_TRY(const auto octets, get(octets_of(key)));
    std::vector<Value> values;
    if (!octets) return values;
    for (std::size_t cpu = 0; cpu < possible_cpus(); ++cpu) {
      values.push_back(read_as<Value>(*octets, cpu * value_size_));
    }
    return values;
  }
  template <typename Key>
  Result<void> erase_key(const Key& key) const {
    return erase(octets_of(key));
  }

  template <typename Value>
  static std::span<const std::byte> octets_of(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    return std::as_bytes(std::span<const Value, 1>(&value, 1));
  }
  template <typename Value>
  static Value read_as(std::span<const std::byte> octets, std::size_t at) {
    static_assert(std::is_trivially_copyable_v<Value>);
    Value value{};
    std::memcpy(&value, octets.data() + at, sizeof(Value));
    return value;
  }

 private:
  FileDescriptor descriptor_;
  std::string name_;
  std::uint32_t id_ = 0;
  std::size_t key_size_ = 0;
  std::size_t value_size_ = 0;  // padded, if the map is per CPU
  bool per_cpu_ = false;
};

}  // namespace fabrix::io
