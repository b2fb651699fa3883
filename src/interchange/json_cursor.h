// JsonCursor: a place in a JSON document, with its path for remarks, for documents that other
// programs wrote: numbers may be in quotes, and what is null is not there.
//
// The document and the remarks must outlive the cursor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"
#include "interchange/remark.h"
#include "net/asn.h"
#include "net/ip_address.h"

namespace fabrix::interchange {

// A document, or where it is malformed.
Result<boost::json::value, Remark> parse_json(std::string_view text, std::string_view file);

class JsonCursor {
 public:
  JsonCursor(const boost::json::value& value, std::string_view file, Remarks& remarks)
      : value_(&value), file_(file), remarks_(&remarks) {}

  // The member `key`; nowhere if there is none, or this is no object.
  JsonCursor operator[](std::string_view key) const;

  // The elements; of anything else than an array, itself. Nowhere has none.
  std::vector<JsonCursor> items() const;

  // Null if this is no object.
  const boost::json::object* object() const {
    return value_ != nullptr ? value_->if_object() : nullptr;
  }

  bool is_somewhere() const { return value_ != nullptr; }
  const std::string& path() const { return path_; }

  // None if nowhere; of a wrong type, none and a remark.
  std::optional<std::string> text() const;
  std::optional<std::uint64_t> number(std::uint64_t most) const;
  std::optional<bool> flag() const;
  std::optional<net::Asn> asn() const;
  std::optional<net::IpAddress> address() const;

  void remark(std::string what) const;

 private:
  JsonCursor at(const boost::json::value* value, std::string path) const;

  const boost::json::value* value_;
  std::string_view file_;
  std::string path_;
  Remarks* remarks_;
};

}  // namespace fabrix::interchange
