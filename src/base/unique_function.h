// A callable that is moved, never copied: a replacement for std::move_only_function, which g++ 12
// lacks. For handlers that own their captures. Captures of up to kInlineBytes are stored inside;
// larger ones cost one allocation.
//
// Threads: as the callable. Owns: the callable.
#pragma once

#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace usher {

template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  static constexpr std::size_t kInlineBytes = 48;

  UniqueFunction() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a callable stands for itself
  UniqueFunction(std::nullptr_t) {}

  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> &&
             std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
  UniqueFunction(F&& callable) {  // NOLINT(google-explicit-constructor)
    using Callable = std::decay_t<F>;
    if constexpr (kFitsInline<Callable>) {
      ::new (static_cast<void*>(storage_)) Callable(std::forward<F>(callable));
      operations_ = &kOperations<Inline<Callable>>;
    } else {
      auto* const outside = new Callable(std::forward<F>(callable));
      std::memcpy(storage_, &outside, sizeof(void*));
      operations_ = &kOperations<Outside<Callable>>;
    }
  }

  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~UniqueFunction() { reset(); }

  explicit operator bool() const { return operations_ != nullptr; }

  // Requires: it is not empty. Calling an empty one is a bug of usher and ends the process.
  R operator()(Args... args) {
    USHER_CHECK(operations_ != nullptr);
    return operations_->call(storage_, std::forward<Args>(args)...);
  }

 private:
  struct Operations {
    R (*call)(void*, Args&&...);
    void (*move)(void* from, void* to) noexcept;  // leaves nothing to destroy in `from`
    void (*destroy)(void*) noexcept;
  };

  template <class F>
  static constexpr bool kFitsInline = sizeof(F) <= kInlineBytes && alignof(F) <= alignof(void*) &&
                                      std::is_nothrow_move_constructible_v<F>;

  template <class F>
  struct Inline {
    static F& get(void* storage) { return *std::launder(static_cast<F*>(storage)); }
    static void move(void* from, void* to) noexcept {
      ::new (to) F(std::move(get(from)));
      destroy(from);
    }
    static void destroy(void* storage) noexcept { std::destroy_at(&get(storage)); }
  };

  template <class F>
  struct Outside {
    static F& get(void* storage) {
      F* callable;
      std::memcpy(&callable, storage, sizeof(void*));
      return *callable;
    }
    static void move(void* from, void* to) noexcept { std::memcpy(to, from, sizeof(void*)); }
    static void destroy(void* storage) noexcept { delete &get(storage); }
  };

  template <class Holder>
  static constexpr Operations kOperations{
      [](void* storage, Args&&... args) -> R {
        return static_cast<R>(std::invoke(Holder::get(storage), std::forward<Args>(args)...));
      },
      &Holder::move, &Holder::destroy};

  void take(UniqueFunction& other) noexcept {
    if (other.operations_ == nullptr) return;
    other.operations_->move(other.storage_, storage_);
    operations_ = std::exchange(other.operations_, nullptr);
  }
  void reset() noexcept {
    if (const auto* operations = std::exchange(operations_, nullptr)) operations->destroy(storage_);
  }

  alignas(void*) std::byte storage_[kInlineBytes];
  const Operations* operations_ = nullptr;
};

}  // namespace usher
