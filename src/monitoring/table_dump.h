// TableDump: a table as TABLE_DUMP_V2 records, prefix by prefix (RFC 6396 §4.3).
//
// begin() writes the PEER_INDEX_TABLE; each add() the routes of one prefix, in one record or, if
// they are many, in several. What the format cannot say is left out and counted: routes of peers
// that came after begin(), peers beyond 65,535, attributes of more than 65,535 octets.
//
// Pure; the caller empties the ByteWriter as often as it likes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/byte_writer.h"
#include "bgp/path_attributes.h"
#include "monitoring/table.h"

namespace fabrix::monitoring {

// Which routes a table dump shows. The format has no place to say that a route was filtered.
enum class DumpContent : std::uint8_t {
  kAccepted,  // with the attributes that the import policy left them
  kReceived,  // all, with the attributes as received
};

struct TableDumpOptions {
  std::uint32_t collector_id = 0;  // our BGP identifier
  std::string view_name = {};      // at most 65,535 octets, else it is cut
  DumpContent content = DumpContent::kReceived;
};

struct TableDumpCounters {
  std::uint64_t peers = 0;
  std::uint64_t records = 0;  // RIB records
  std::uint64_t routes = 0;
  std::uint64_t left_out = 0;  // routes

  friend bool operator==(const TableDumpCounters&, const TableDumpCounters&) = default;
};

class TableDump {
 public:
  TableDump(TableDumpOptions options, Timestamp time);

  // Once, first.
  void begin(std::span<const PeerSession> peers, ByteWriter& out);

  void add(const PrefixRoutes& routes, ByteWriter& out);

  const TableDumpCounters& counters() const { return counters_; }

 private:
  struct Entries {
    ByteWriter octets;
    std::uint16_t count = 0;
  };

  void add_entry(const Route& route, const net::Prefix& prefix, Entries& entries, ByteWriter& out);
  void flush(const net::Prefix& prefix, Entries& entries, ByteWriter& out);

  TableDumpOptions options_;
  Timestamp time_;
  std::unordered_map<PeerKey, std::uint16_t> index_;
  std::uint32_t sequence_ = 0;
  TableDumpCounters counters_;
};

}  // namespace fabrix::monitoring
