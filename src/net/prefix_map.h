// PrefixMap<T>: a map from prefixes to values with longest match, for both families.
//
// A path-compressed binary trie per family, nodes in one vector with a free list. Iteration is in
// Prefix order (a block before the blocks inside it). insert, erase, find: O(prefix length).
// Not thread-safe; pointers to values are good until the next insert or erase.
#pragma once
