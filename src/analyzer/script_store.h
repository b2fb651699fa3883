// ScriptStore: what one script keeps: JSON values by name, in a file, so that it is still there
// when the script begins again.
//
// Bounded: kMaxOctets of JSON in all. Loop's thread only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace fabrix::analyzer {

class ScriptStore {
 public:
  static constexpr std::size_t kMaxOctets = std::size_t{4} << 20U;

  // What the file says, if it is there. Without a file nothing lasts.
  explicit ScriptStore(std::string file);

  // Null if there is none.
  boost::json::value get(std::string_view key) const;

  // Fails if there is no room.
  Result<void> set(std::string_view key, boost::json::value value);
  bool remove(std::string_view key);  // whether it was there
  boost::json::array keys() const;

  // Writes the file, if anything has changed since.
  Result<void> save();

 private:
  std::string file_;
  boost::json::object values_;
  std::size_t octets_ = 0;
  bool is_changed_ = false;
};

}  // namespace fabrix::analyzer
