// SPDX-License-Identifier: BSD-2-Clause
// The objects of proplib(3), as its own files see them. Strings and buffers are C++'s: what a
// driver gets to free itself comes from malloc(9).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netbsd/prop/proplib.h"

namespace pupci::kern::prop {

// First in every object, so that a prop_object_t points to it, too.
class Object {
 public:
  explicit Object(prop_type_t type) : type_(type) {}
  virtual ~Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  [[nodiscard]] prop_type_t type() const { return type_; }
  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  prop_type_t type_;
  std::atomic<unsigned> references_{1};
};

inline Object* object_of(const void* p) {
  return static_cast<Object*>(const_cast<void*>(p));
}

// A counted reference.
class Reference {
 public:
  Reference() = default;
  // Shares an object; adopt() takes over the caller's reference.
  explicit Reference(prop_object_t object) : object_(object_of(object)) {
    if (object_ != nullptr) object_->retain();
  }
  static Reference adopt(prop_object_t object) {
    Reference reference;
    reference.object_ = object_of(object);
    return reference;
  }
  Reference(const Reference& other) : Reference(static_cast<prop_object_t>(other.object_)) {}
  Reference(Reference&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Reference& operator=(Reference other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Reference() {
    if (object_ != nullptr) object_->release();
  }
  [[nodiscard]] Object* get() const { return object_; }
  // Gives the reference to the caller.
  Object* detach() { return std::exchange(object_, nullptr); }

 private:
  Object* object_ = nullptr;
};

// The object as a T, or null when it is something else.
template <typename T>
T* cast(const void* p) {
  Object* object = object_of(p);
  return object != nullptr && object->type() == T::kind ? static_cast<T*>(object) : nullptr;
}

// A copy from malloc(9), M_TEMP, with a null byte after it.
char* duplicate(std::string_view text);

// XML text of an object; empty for what cannot be written (a dictionary's key alone).
std::string externalize(prop_object_t object);
// The object of a whole property list, or null; at most max_depth containers deep.
constexpr unsigned max_depth = 64;
Reference internalize(std::string_view text);

// What a container looks like from outside, for iterators.
class Container : public Object {
 public:
  using Object::Object;
  // The object at a position of an iteration, not retained; null at its end, or when `version` is
  // not the container's any more.
  virtual Object* iterate(std::size_t position, std::uint64_t version) = 0;
  [[nodiscard]] virtual std::uint64_t version() = 0;
};

}  // namespace pupci::kern::prop

struct _prop_bool : pupci::kern::prop::Object {
  static constexpr prop_type_t kind = PROP_TYPE_BOOL;
  explicit _prop_bool(bool v) : Object(kind), value(v) {}
  const bool value;
};

struct _prop_number : pupci::kern::prop::Object {
  static constexpr prop_type_t kind = PROP_TYPE_NUMBER;
  _prop_number(std::uint64_t v, bool u) : Object(kind), bits(v), is_unsigned(u) {}
  [[nodiscard]] bool negative() const {
    return !is_unsigned && static_cast<std::int64_t>(bits) < 0;
  }
  const std::uint64_t bits;  // of the two's complement
  const bool is_unsigned;
};

struct _prop_string : pupci::kern::prop::Object {
  static constexpr prop_type_t kind = PROP_TYPE_STRING;
  _prop_string(std::string text, bool m) : Object(kind), own(std::move(text)), is_mutable(m) {}
  explicit _prop_string(const char* text) : Object(kind), foreign(text) {}
  [[nodiscard]] const char* c_str() const { return foreign != nullptr ? foreign : own.c_str(); }
  std::string own;
  const char* const foreign = nullptr;  // the caller's, if it was not copied
  const bool is_mutable = false;
};

struct _prop_data : pupci::kern::prop::Object {
  static constexpr prop_type_t kind = PROP_TYPE_DATA;
  explicit _prop_data(std::vector<std::byte> bytes) : Object(kind), own(std::move(bytes)) {}
  _prop_data(const void* p, std::size_t n) : Object(kind), foreign(p), foreign_size(n) {}
  [[nodiscard]] const void* data() const { return foreign != nullptr ? foreign : own.data(); }
  [[nodiscard]] std::size_t size() const { return foreign != nullptr ? foreign_size : own.size(); }
  const std::vector<std::byte> own;
  const void* const foreign = nullptr;
  const std::size_t foreign_size = 0;
};

struct _prop_array : pupci::kern::prop::Container {
  static constexpr prop_type_t kind = PROP_TYPE_ARRAY;
  _prop_array() : Container(kind) {}
  Object* iterate(std::size_t position, std::uint64_t version) override;
  std::uint64_t version() override;

  std::mutex mutex;
  std::vector<pupci::kern::prop::Reference> items;
  std::uint64_t changes = 0;
  bool is_mutable = true;
};

struct _prop_dictionary_keysym : pupci::kern::prop::Object {
  static constexpr prop_type_t kind = PROP_TYPE_DICT_KEYSYM;
  explicit _prop_dictionary_keysym(std::string_view n) : Object(kind), name(n) {}
  const std::string name;
};

struct _prop_dictionary : pupci::kern::prop::Container {
  static constexpr prop_type_t kind = PROP_TYPE_DICTIONARY;
  struct Entry {
    pupci::kern::prop::Reference key;  // a keysym
    pupci::kern::prop::Reference value;
  };
  _prop_dictionary() : Container(kind) {}
  Object* iterate(std::size_t position, std::uint64_t version) override;
  std::uint64_t version() override;

  std::mutex mutex;
  std::map<std::string, Entry, std::less<>> entries;
  std::uint64_t changes = 0;
  bool is_mutable = true;
};
