// Hot path: see architecture §9
#pragma once

#include <cstddef>

namespace slsart::protocol::detail {

// A doubly linked list through `previous` and `next` of its elements, which it does not own.
template <typename T>
class List {
 public:
  T* first() const { return first_; }
  T* last() const { return last_; }
  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }

  void push_back(T& element) {
    element.previous = last_;
    element.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &element;
    last_ = &element;
    ++size_;
  }
  void remove(T& element) {
    (element.previous != nullptr ? element.previous->next : first_) = element.next;
    (element.next != nullptr ? element.next->previous : last_) = element.previous;
    element.previous = element.next = nullptr;
    --size_;
  }
  // Null when empty.
  T* pop_back() {
    T* element = last_;
    if (element != nullptr) remove(*element);
    return element;
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace slsart::protocol::detail
