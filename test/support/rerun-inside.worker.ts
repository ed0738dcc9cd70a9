import './like-shared'
import './dashboard.worker'
