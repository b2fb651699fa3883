// Fnv: FNV-1a of 64 bits, for numbers that are to be the same in every run and on every machine
// (draft-eastlake-fnv). Not against an adversary. A value; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace fabrix {

class Fnv {
 public:
  void add_octet(std::uint8_t octet) { value_ = (value_ ^ octet) * 0x100000001b3U; }
  // Its octets, the lowest first.
  void add(std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      add_octet(static_cast<std::uint8_t>(number >> shift));
    }
  }
  void add(std::string_view text) {
    for (const char letter : text) add_octet(static_cast<std::uint8_t>(letter));
  }

  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace fabrix
