#include "http/body_source.h"

#include <algorithm>
#include <utility>

namespace fabrix::http {

BodySource::BodySource(std::variant<std::string, NextPiece> body) : body_(std::move(body)) {}

std::optional<std::size_t> BodySource::length() const {
  const auto* whole = std::get_if<std::string>(&body_);
  return whole == nullptr ? std::nullopt : std::optional(whole->size());
}

std::optional<std::string_view> BodySource::next() {
  if (used_ < piece_.size()) return slice();
  used_ = 0;
  piece_.clear();
  if (auto* whole = std::get_if<std::string>(&body_)) {
    piece_ = std::exchange(*whole, {});
    if (piece_.empty()) return std::nullopt;
    return slice();
  }
  auto& next_piece = std::get<NextPiece>(body_);
  if (!next_piece) return std::nullopt;
  if (auto piece = next_piece()) {
    piece_ = *std::move(piece);
    return slice();
  }
  next_piece = nullptr;  // What it holds on to is not needed any more.
  return std::nullopt;
}

std::optional<std::string_view> BodySource::slice() {
  const auto part = std::string_view(piece_).substr(used_, kSlice);
  used_ += part.size();
  return part;
}

}  // namespace fabrix::http
