;; Adler-32 of the first $length bytes of the memory, continued from $seed: 32 bytes at a time, and the rest one by one.
(module
  (memory (export "memory") 1 1)
  (func (export "adler32") (param $seed i32) (param $length i32) (result i32)
    (local $a i32) (local $b i32) (local $at i32) (local $runEnd i32) (local $blocksEnd i32)
    (local $low v128) (local $high v128)
    ;; Four partial sums each: of the bytes of the run so far, of those sums before each block, and of the bytes of the
    ;; blocks, each weighted with its distance from the end of its block.
    (local $bytes v128) (local $before v128) (local $weighted v128)
    (local.set $a (i32.and (local.get $seed) (i32.const 0xffff)))
    (local.set $b (i32.shr_u (local.get $seed) (i32.const 16)))
    (local.set $blocksEnd (i32.and (local.get $length) (i32.const -32)))
    (block $noBlocks
      (loop $nextRun
        (br_if $noBlocks (i32.ge_u (local.get $at) (local.get $blocksEnd)))
        ;; 5536 is the most whole blocks of which the sums fit into 32 bits.
        (local.set $runEnd (i32.add (local.get $at) (i32.const 5536)))
        (if (i32.gt_u (local.get $runEnd) (local.get $blocksEnd))
          (then (local.set $runEnd (local.get $blocksEnd))))
        (local.set $b (i32.add (local.get $b)
          (i32.mul (local.get $a) (i32.sub (local.get $runEnd) (local.get $at)))))
        (local.set $bytes (v128.const i32x4 0 0 0 0))
        (local.set $before (v128.const i32x4 0 0 0 0))
        (local.set $weighted (v128.const i32x4 0 0 0 0))
        (loop $nextBlock
          (local.set $before (i32x4.add (local.get $before) (local.get $bytes)))
          (local.set $low (v128.load (local.get $at)))
          (local.set $high (v128.load offset=16 (local.get $at)))
          (local.set $bytes (i32x4.add (local.get $bytes)
            (i32x4.extadd_pairwise_i16x8_u (i16x8.add
              (i16x8.extadd_pairwise_i8x16_u (local.get $low))
              (i16x8.extadd_pairwise_i8x16_u (local.get $high))))))
          (local.set $weighted (i32x4.add (local.get $weighted)
            (i32x4.add
              (i32x4.add
                (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_u (local.get $low))
                  (v128.const i16x8 32 31 30 29 28 27 26 25))
                (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_u (local.get $low))
                  (v128.const i16x8 24 23 22 21 20 19 18 17)))
              (i32x4.add
                (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_u (local.get $high))
                  (v128.const i16x8 16 15 14 13 12 11 10 9))
                (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_u (local.get $high))
                  (v128.const i16x8 8 7 6 5 4 3 2 1))))))
          (local.set $at (i32.add (local.get $at) (i32.const 32)))
          (br_if $nextBlock (i32.lt_u (local.get $at) (local.get $runEnd))))
        (local.set $weighted (i32x4.add (local.get $weighted)
          (i32x4.shl (local.get $before) (i32.const 5))))
        (local.set $a (i32.rem_u (i32.add (local.get $a) (call $sum (local.get $bytes))) (i32.const 65521)))
        (local.set $b (i32.rem_u (i32.add (local.get $b) (call $sum (local.get $weighted))) (i32.const 65521)))
        (br $nextRun)))
    (block $noRest
      (loop $nextByte
        (br_if $noRest (i32.ge_u (local.get $at) (local.get $length)))
        (local.set $a (i32.add (local.get $a) (i32.load8_u (local.get $at))))
        (local.set $b (i32.add (local.get $b) (local.get $a)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $nextByte)))
    (i32.or
      (i32.rem_u (local.get $a) (i32.const 65521))
      (i32.shl (i32.rem_u (local.get $b) (i32.const 65521)) (i32.const 16))))
  (func $sum (param $lanes v128) (result i32)
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $lanes)) (i32x4.extract_lane 1 (local.get $lanes)))
      (i32.add (i32x4.extract_lane 2 (local.get $lanes)) (i32x4.extract_lane 3 (local.get $lanes)))))
)
