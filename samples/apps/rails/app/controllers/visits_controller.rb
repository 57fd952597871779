class VisitsController < ApplicationController
  def index
    Visit.create!
    @count = Visit.count
  end
end
