require "rails"
require "action_controller/railtie"
require "action_cable/engine"

class Chat < Rails::Application
  config.root = __dir__
  config.eager_load = false
  config.hosts.clear
  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE")
  config.public_file_server.enabled = true
  config.logger = Logger.new($stdout)
  config.action_cable.cable = { "adapter" => "async" }
  config.action_cable.mount_path = "/cable"
  config.action_cable.allowed_request_origins = [ENV.fetch("ORIGIN")]
end

class SessionsController < ActionController::Base
  def create
    cookies.encrypted[:user] = params[:name]
    head :no_content
  end
end

require_relative "channels/application_cable/connection"
require_relative "channels/chat_channel"
Rails.application.initialize!
Rails.application.routes.draw do
  post "login/:name", to: "sessions#create"
end
