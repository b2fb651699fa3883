// The public captures of the fuzz corpus, and reading datagrams as tests want it.
#pragma once

#include <cstddef>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sflow/datagram.h"
#include "sflow/record.h"

namespace fabrix::sflow {

inline std::vector<std::byte> capture(const std::string& name) {
  std::ifstream file(FABRIX_SOURCE "/fuzz/sflow/corpus/datagram/" + name + ".bin",
                     std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline std::vector<Item> all(ItemCursor cursor) {
  std::vector<Item> items;
  while (const auto item = cursor.next()) items.push_back(*item);
  return items;
}

// The samples of a datagram, which must open.
inline std::vector<Item> samples_of(Bytes datagram) {
  return all(Datagram::open(datagram).value().samples());
}

// The number that a record has under that name.
inline std::optional<std::uint64_t> number(const RecordSchema& schema, Bytes body,
                                           std::string_view name) {
  const auto value = find_field(schema, body, name);
  return value ? std::optional(std::get<std::uint64_t>(*value)) : std::nullopt;
}

inline std::string text(const RecordSchema& schema, Bytes body, std::string_view name) {
  const auto value = find_field(schema, body, name);
  return value ? std::string(as_text(std::get<Bytes>(*value))) : "(none)";
}

}  // namespace fabrix::sflow
