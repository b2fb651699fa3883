// BodySource: a response's body as slices of a bounded size, whatever its form.
//
// A value that is moved; loop's thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/message.h"

namespace fabrix::http {

class BodySource {
 public:
  static constexpr std::size_t kSlice = std::size_t{64} << 10U;

  // Nothing.
  BodySource() : body_(std::string()) {}
  explicit BodySource(std::variant<std::string, NextPiece> body);

  // The length of the whole body; none if it is not known.
  std::optional<std::size_t> length() const;

  // The next slice, good until the next call: at most kSlice octets, none at the end. Empty if
  // there is nothing at the moment.
  std::optional<std::string_view> next();

 private:
  std::optional<std::string_view> slice();

  std::variant<std::string, NextPiece> body_;
  std::string piece_;     // what slices are cut from
  std::size_t used_ = 0;  // of piece_
};

}  // namespace fabrix::http
