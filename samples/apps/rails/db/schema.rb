ActiveRecord::Schema.define(version: 2026_01_01_000000) do
  create_table "visits", force: :cascade do |t|
    t.datetime "created_at", precision: 6, null: false
    t.datetime "updated_at", precision: 6, null: false
  end
end
