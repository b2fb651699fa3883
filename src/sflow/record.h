// The structures of sFlow's flow and counter records: which fields they have, and reading and
// writing them by that.
//
// sFlow's records are XDR structures, and are described here as such: one table row a field. A
// record is read field by field, when somebody asks; what only a few records need in a hurry has a
// type of its own in flow_records.h.
//
//   sFlow version 5 §5.3 .. §5.4 and the extensions of sflow.org: host, virtual node, HTTP,
//   memcache, application, 802.11, tunnel, LAG, optical, OpenFlow, NVML, Broadcom, drop structures
//
// Field names are those of sflowtool (and its letter case), because scripts know them; of the
// fields that it does not print, ours. A record may end early where an extension of its structure
// began (older agents), and may be longer than its structure (newer ones): the rest is ignored.
//
// Pure; accepts arbitrary bytes; fuzzed in fuzz/sflow/datagram_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/ip_address.h"
#include "net/mac_address.h"
#include "sflow/datagram.h"

namespace fabrix::sflow {

enum class FieldType : std::uint8_t {
  kU8,  // four of them make a word
  kU32,
  kI32,
  kU64,
  kFloat,
  kHundredths,  // of a percent; 0xffffffff: not known
  kMac,         // six octets and two of padding
  kIpv4,
  kIpv6,
  kAddress,  // of either family
  kString,
  kOpaque,
  kUuid,      // 16 octets
  kWords,     // an array of numbers
  kLabels,    // an array of MPLS label stack entries (RFC 3032)
  kVlanTags,  // an array of TPID and TCI
  kMacs,      // an array of kMac
  kAsPath,    // segments: type (1 set, 2 sequence) and AS numbers
  kRepeat,    // a number: the next `count` fields come so many times
  kRest,      // what is left of the record
};

struct FieldSchema {
  std::string_view name;  // '%' stands for the number of the repetition
  FieldType type = FieldType::kU32;
  std::uint8_t count = 0;  // of kRepeat
};

struct RecordSchema {
  Tag tag;
  std::string_view kind;  // of flow records: "flowSampleType" or "extendedType"
  std::string_view name;  // "HEADER", "SWITCH"
  std::span<const FieldSchema> fields;
  std::uint8_t required = 0;  // fields of the structure's first edition; 0: all
};

std::span<const RecordSchema> flow_schemas();     // in the order of their tags
std::span<const RecordSchema> counter_schemas();  // likewise

// Null for a record that nobody knows.
const RecordSchema* find_flow_schema(Tag tag);
const RecordSchema* find_counter_schema(Tag tag);

// Numbers; float; addresses; and octets: of strings and opaque data, of the items of arrays
// (without their number), and of a whole AS path (with its number of segments).
using FieldValue = std::variant<std::uint64_t, float, net::MacAddress, net::IpAddress, Bytes>;

struct Field {
  const FieldSchema* schema = nullptr;
  std::uint32_t repetition = 0;
  FieldValue value;
};

// Reads a record's fields in their order.
class FieldCursor {
 public:
  FieldCursor(const RecordSchema& schema, Bytes body) : schema_(&schema), reader_(body) {}

  // None at the end, or if the rest is not what the structure says.
  std::optional<Field> next();

  bool ok() const { return reader_.ok(); }

 private:
  const FieldSchema* advance();
  FieldValue read(const FieldSchema& field);

  const RecordSchema* schema_;
  XdrReader reader_;
  std::size_t next_ = 0;
  std::size_t repeat_begin_ = 0;
  std::size_t repeat_end_ = 0;
  std::uint32_t repeats_ = 0;  // that are still to come, the present one included
  std::uint32_t repetition_ = 0;
};

// The first field of that name, if the record has it.
std::optional<FieldValue> find_field(const RecordSchema& schema, Bytes body, std::string_view name);

// The octets of a record, of values in the order in which FieldCursor reads them. They must be
// those of the structure: as many, each of the alternative that its type has.
std::vector<std::byte> encode_record(const RecordSchema& schema,
                                     std::span<const FieldValue> values);

}  // namespace fabrix::sflow
