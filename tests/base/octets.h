// Octets for the tests of every format: literals and joins.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <vector>

namespace fabrix {

using Bytes = std::vector<std::byte>;

inline Bytes bytes(std::initializer_list<int> octets) {
  Bytes result;
  for (const int octet : octets) result.push_back(static_cast<std::byte>(octet));
  return result;
}

inline Bytes join(std::initializer_list<Bytes> parts) {
  Bytes result;
  for (const Bytes& part : parts) result.insert(result.end(), part.begin(), part.end());
  return result;
}

}  // namespace fabrix
