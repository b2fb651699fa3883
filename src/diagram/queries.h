// Queries: what can be asked of a diagram without making another. Meanings as in diagram.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "diagram/diagram.h"
#include "diagram/node_table.h"

namespace fabrix::diagram {

Leaf evaluate(const NodeTable& table, NodeId node, std::span<const std::uint64_t> point);

std::optional<Point> witness_of_difference(const NodeTable& table, NodeId a, NodeId b);

std::optional<Point> find_point(const NodeTable& table, NodeId root,
                                const std::function<bool(Leaf)>& wanted);

std::vector<Leaf> leaves(const NodeTable& table, NodeId root);

std::size_t node_count(const NodeTable& table, NodeId root);

}  // namespace fabrix::diagram
